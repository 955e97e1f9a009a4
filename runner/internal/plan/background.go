package plan

import (
	"slices"

	"rung/runner/internal/files"
)

// BackfillState is where a background backfill stands.
type BackfillState string

// The states. Registered, running and failed are stored as such; done is a version
// that is applied, reverting one whose down migration has begun, and none one without
// a row. Paused is no state but a sign beside it, and whether a running one is worked
// on is told by its lock.
const (
	NoBackfill        BackfillState = "none"
	BackfillWaits     BackfillState = "registered" // no worker has it
	BackfillRuns      BackfillState = "running"    // a worker has it, or had it and is gone
	BackfillFailed    BackfillState = "failed"     // its attempts are used up
	BackfillDone      BackfillState = "done"
	BackfillReverting BackfillState = "reverting"
)

// BackfillStates are all of them.
var BackfillStates = []BackfillState{NoBackfill, BackfillWaits, BackfillRuns, BackfillFailed, BackfillDone, BackfillReverting}

// BackfillEvent is what somebody does to a background backfill.
type BackfillEvent string

// The events, and who may cause them.
const (
	BackfillRegister BackfillEvent = "register" // up: what stands before the first batch has run
	BackfillClaim    BackfillEvent = "claim"    // work: it begins, or takes over from a worker that is gone
	BackfillRelease  BackfillEvent = "release"  // work: it stops, or an attempt failed and another follows
	BackfillGiveUp   BackfillEvent = "give up"  // work: the last attempt failed
	BackfillFinish   BackfillEvent = "finish"   // work: the last step is in place
	BackfillPause    BackfillEvent = "pause"    // rung pause
	BackfillResume   BackfillEvent = "resume"   // rung resume
	BackfillRevert   BackfillEvent = "revert"   // down: it begins
	BackfillReverted BackfillEvent = "reverted" // down: it has ended
)

// BackfillEvents are all of them.
var BackfillEvents = []BackfillEvent{
	BackfillRegister, BackfillClaim, BackfillRelease, BackfillGiveUp, BackfillFinish, BackfillPause, BackfillResume, BackfillRevert, BackfillReverted,
}

// NextBackfill is the state behind an event. Ok is false for an event that cannot
// happen in that state: whoever tries is refused, or has been overtaken.
func NextBackfill(s BackfillState, e BackfillEvent) (next BackfillState, ok bool) {
	open := s == BackfillWaits || s == BackfillRuns || s == BackfillFailed
	switch e {
	case BackfillRegister:
		return BackfillWaits, s == NoBackfill
	case BackfillClaim:
		return BackfillRuns, open
	case BackfillRelease:
		return BackfillWaits, s == BackfillRuns
	case BackfillGiveUp:
		return BackfillFailed, s == BackfillRuns
	case BackfillFinish:
		return BackfillDone, s == BackfillRuns
	case BackfillPause: // no batch begins until it is resumed
		return s, open
	case BackfillResume:
		if s == BackfillFailed { // it is tried again
			return BackfillWaits, true
		}
		return s, open
	case BackfillRevert:
		return BackfillReverting, open || s == BackfillDone
	case BackfillReverted:
		return NoBackfill, s == BackfillReverting
	}
	return s, false
}

// BackfillsBefore are the states in which an event may happen.
func BackfillsBefore(e BackfillEvent) (states []BackfillState) {
	for _, s := range BackfillStates {
		if _, ok := NextBackfill(s, e); ok {
			states = append(states, s)
		}
	}
	return states
}

// Registers reports whether up registers the rest of the action, from its first batch
// on, and does not run it.
func (a Action) Registers() bool {
	return a.Direction == files.Up && a.Script != nil && a.Script.Background && !a.Work && !a.Inline
}

// Command is the command that runs the action.
func (a Action) Command() string {
	if a.Work {
		return "work"
	}
	return string(a.Direction)
}

// inPart reports whether a version in that state is gone on with by the action.
func (a Action) inPart(s State) bool {
	if a.Direction == files.Down {
		return s == Reverting
	}
	return s == Applying || s == Background
}

// waits notes what an action requires: of the history, for which it waits, and of the
// plan before it. It reports whether it waits.
func (p *Plan) waits(a *Action, r *Record) bool {
	for _, v := range a.Script.Requires {
		switch row := r.Find(v); {
		case row != nil && row.State == Background:
			p.WaitsFor = append(p.WaitsFor, v)
		case p.runs(v):
			a.After = append(a.After, v)
		}
	}
	return len(p.WaitsFor) > 0
}

// HoldBack leaves the last n actions behind, the first of which requires these
// backfills.
func (p *Plan) HoldBack(n int, unfinished []files.Version) {
	kept := len(p.Actions) - n
	var held []*files.Migration
	for _, a := range p.Actions[kept:] {
		held = append(held, a.Migration)
	}
	p.Actions, p.Waiting, p.WaitsFor = p.Actions[:kept], append(held, p.Waiting...), unfinished
}

// BeforeWait is how many of the actions come before the next one that may have to
// wait for one of them.
func BeforeWait(actions []Action) int {
	for i, a := range actions {
		if i > 0 && len(a.After) > 0 {
			return i
		}
	}
	return len(actions)
}

// WorkOf is what `rung work` runs of a version: the rest of its file, from where the
// history has it. It refuses with *DisagreementError what the file does not fit.
func WorkOf(d *files.Directory, r *Record, row *AppliedRow) (Action, error) {
	m := d.Find(row.Version)
	if m == nil || m.Up == nil {
		return Action{}, &DisagreementError{[]Finding{missing(d, row, r)}}
	}
	a := ActionOf(files.Up, m, row, m.Up, r)
	if err := (&Plan{Actions: []Action{a}}).BadFilesError(nil); err != nil {
		return a, err
	}
	if f, ok := a.Fit.RefusalError(); ok {
		return a, &DisagreementError{[]Finding{f}}
	}
	return a, nil
}

// InBackground are the versions with a background backfill that is not done.
func (r *Record) InBackground() (vs []files.Version) {
	for _, row := range r.Rows {
		if row.State == Background {
			vs = append(vs, row.Version)
		}
	}
	return slices.Clip(vs)
}
