package runner

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"rung/internal/english"
	"rung/runner/internal/files"
	"rung/runner/internal/lock"
	"rung/runner/internal/plan"
)

// stopped is the error for a run that its context ended before the step.
func (k *outcomes) stopped(ctx context.Context, run plan.StepRun) error {
	cause := context.Cause(ctx)
	if errors.Is(cause, lock.ErrLost) {
		return k.lockLost(run)
	}
	return &StoppedError{Where: k.standing(run), Cause: cause}
}

func (k *outcomes) lockLost(run plan.StepRun) error {
	lost := lock.ErrLost
	if run.Work {
		lost = errWorkLockLost
	}
	return lock.WithoutLock(fmt.Errorf("%w, so rung stopped: %s", lost, k.standing(run)))
}

// errWorkLockLost is lock.ErrLost of a backfill that work runs.
var errWorkLockLost = errors.New("the connection that holds the lock of this backfill was lost")

// standing is the one line that says what is in place, when the step did not run.
func (k *outcomes) standing(run plan.StepRun) string {
	var b strings.Builder
	steps := len(run.Script.Steps)
	verb := map[files.Direction]string{files.Up: "applied", files.Down: "reverted"}[run.Direction]
	committed := plan.BatchesIn(k.session.History.Rec.StepsFrom(run.Action, run.Index))
	unknown := k.session.History.Rec.Steps[run.Key()].State == "started" && run.Step().Verb != ""
	switch {
	case k.session.Together:
		return "all of it was rolled back: no changes from this run were applied"
	case run.Index == 0 && unknown:
		fmt.Fprintf(&b, "the outcome of step 1 of %d of %s is unknown; the next `rung %s` checks it", steps, k.title(run.Action), run.Direction)
	case unknown:
		fmt.Fprintf(&b, "%s is %s up to step %d of %d; the outcome of the next step is unknown; the next `rung %s` checks it", k.title(run.Action), verb, run.Index, steps, run.Command())
	case run.Index == 0 && committed != "":
		fmt.Fprintf(&b, "%s is %s in part: %s committed; the next `rung %s` resumes there", k.title(run.Action), verb, committed, run.Command())
	case committed != "":
		fmt.Fprintf(&b, "%s is %s up to step %d of %d, with %s committed; the next `rung %s` resumes there", k.title(run.Action), verb, run.Index, steps, committed, run.Command())
	case run.Index == 0 && run.Direction == files.Up:
		fmt.Fprintf(&b, "no changes from %s were applied", k.title(run.Action))
	case run.Index == 0:
		fmt.Fprintf(&b, "%s is still applied, unchanged", k.title(run.Action))
	default:
		fmt.Fprintf(&b, "%s is %s up to step %d of %d; the next `rung %s` resumes there", k.title(run.Action), verb, run.Index, steps, run.Command())
	}
	if k.batchNote != "" {
		b.Reset()
		fmt.Fprintf(&b, "%s is %s in part: %s; the next `rung %s` resumes there", k.title(run.Action), verb, k.batchNote, run.Command())
	}
	if k.session.Left != "" {
		b.WriteString("; " + k.session.Left)
	}
	if done := len(k.report.Done); done > 0 {
		fmt.Fprintf(&b, "; %s before it %s %s", english.Count(done, "migration"), map[bool]string{true: "was", false: "were"}[done == 1], verb)
	}
	return b.String()
}
