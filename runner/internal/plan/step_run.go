package plan

import "rung/runner/internal/files"

// StepRun is one step of an action as it runs. Of its numbers there is one: Index
// counts the steps of the script from 0, and Number is the same one as the history
// and the messages have it, from 1.
type StepRun struct {
	Action
	Index int
}

// At is the run of the action's step with that index.
func (a Action) At(index int) StepRun { return StepRun{Action: a, Index: index} }

// Step is what runs: its statements, and how.
func (r StepRun) Step() files.Step { return r.Script.Steps[r.Index] }

// Number is the step as the history and the messages count it.
func (r StepRun) Number() int { return r.Index + 1 }

// Key is the step's place in the history.
func (r StepRun) Key() StepKey {
	return StepKey{Version: r.Version, Direction: r.Direction, Step: r.Number()}
}

// Last reports whether the action is done with this step.
func (r StepRun) Last() bool { return r.Number() == len(r.Script.Steps) }
