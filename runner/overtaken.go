package runner

import (
	"context"
	"errors"
	"fmt"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"
)

// A runner that was killed may leave a message behind that its server process
// carries out to the end, COMMIT included, while the next runner is at work
// already. The record keeps the two apart: the later one waits on the rows that
// the earlier one writes, finds that it was overtaken, and goes on from there.

// overtakenError says that another session has written what this one was about
// to: nothing of the step in hand is in place by this run.
type overtakenError struct{ err error }

func (e *overtakenError) Error() string { return e.err.Error() }
func (e *overtakenError) Unwrap() error { return e.err }

// stateOvertaken is the SQLSTATE that the bookkeeping raises.
const stateOvertaken = "RUNG1"

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
	const most = 5 // each time the record has moved on, unless somebody plays tricks
	for i := 1; ; i++ {
		err := w.apply(ctx, a, made)
		var overtaken *overtakenError
		if i == most || !errors.As(err, &overtaken) {
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
	if w.rec, err = w.s.readRecord(ctx, w.book); err != nil {
		return a, false, lostIs(err)
	}
	row := w.rec.Find(a.Version)
	if row == nil && a.Direction == Down {
		return a, true, nil
	}
	next = action(a.Direction, a.migration, row, a.Script, w.rec)
	next.Name, next.FromRecord = a.Name, a.FromRecord
	switch {
	case a.Direction == Down:
		return next, false, checkDown(next)
	case row == nil:
		return next, false, nil
	case row.State == Reverting || row.State == Applied && row.UpChecksum != a.Script.Checksum:
		return a, false, fmt.Errorf("another runner changed %s meanwhile; run `rung status`", w.title(a))
	case row.State == Applied:
		return a, true, nil
	}
	if f, ok := next.fit.refusal(); ok {
		return a, false, &Disagreement{[]Finding{f}}
	}
	return next, false, nil
}
