package runner

import (
	"context"
	"errors"
	"fmt"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"rung/runner/internal/plan"
)

// A runner that was killed may leave a message behind that its server process
// carries out to the end, COMMIT included, while the next runner is at work
// already. The record keeps the two apart: the later one waits on the rows that
// the earlier one writes, finds that it was overtaken, and resumes there.

// overtakenError says that another session has written what this one was about
// to: nothing of the step in hand is in place by this run.
type overtakenError struct{ err error }

func (e *overtakenError) Error() string { return e.err.Error() }

func (e *overtakenError) Unwrap() error { return e.err }

// movedError says that another session has changed what an action goes on top
// of, or put something on top of it: the plan does not hold any more.
type movedError struct{ err error }

func (e *movedError) Error() string { return e.err.Error() }

func (e *movedError) Unwrap() error { return e.err }

// mostMoves is how often a run plans anew: each time the record has moved on,
// unless somebody plays tricks.
const mostMoves = 5

// planMoved tells whether an error asks for another plan: nothing of this one is
// in place, or what it was asked for would be done more than once.
func (w *worker) planMoved(err error) bool {
	var moved *movedError
	return errors.As(err, &moved) && len(w.report.Done) == 0
}

// These are the SQLSTATEs that the bookkeeping raises.
const (
	stateOvertaken = "RUNG1"
	stateMoved     = "RUNG2"
)

// isOvertaken tells whether the record had what an entry was to add.
func (b book) isOvertaken(err error) bool {
	if e := pq.As(err, pqerror.UniqueViolation); e != nil {
		return e.Schema == b.schema && (e.Table == "migrations" || e.Table == "steps")
	}
	return pq.As(err, stateOvertaken) != nil
}

// applyOne runs an action, and goes on where an earlier runner's last message
// got ahead of it. Made is the attempt that a group has made at it.
func (w *worker) applyOne(ctx context.Context, a Action, made *attempt) error {
	for i := 1; ; i++ {
		err := w.apply(ctx, a, made)
		var overtaken *overtakenError
		if i == mostMoves || !errors.As(err, &overtaken) {
			return err
		}
		next, done, err := w.goOn(ctx, a)
		if err != nil {
			return err
		}
		if done {
			w.emit(Overtaken{Direction: a.Direction, Version: a.Version, Title: w.title(a), Name: a.Name, File: a.Script.Path})
			return nil
		}
		a, made = next, &attempt{}
	}
}

// goOn reads the record again and decides what is left of an action.
func (w *worker) goOn(ctx context.Context, a Action) (next Action, done bool, err error) {
	if w.rec, err = w.s.readRecord(ctx, w.book, whole); err != nil {
		return a, false, lostIs(err)
	}
	row := w.rec.Find(a.Version)
	if row == nil && a.Direction == Down {
		return a, true, nil
	}
	next = plan.ActionOf(a.Direction, a.Migration, row, a.Script, w.rec)
	next.Name, next.FromRecord, next.Below, next.FileOnly = a.Name, a.FromRecord, a.Below, a.FileOnly
	switch {
	case a.Direction == Down:
		return next, false, plan.CheckDown(next)
	case row == nil:
		return next, false, nil
	case row.State == Reverting || row.State == Applied && row.UpChecksum != a.Script.Checksum:
		return a, false, fmt.Errorf("another rung changed %s meanwhile; run `rung status`", w.title(a))
	case row.State == Applied:
		return a, true, nil
	}
	if f, ok := next.Fit.Refusal(); ok {
		return a, false, &Disagreement{Findings: []Finding{f}}
	}
	return next, false, nil
}
