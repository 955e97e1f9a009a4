package runner

import (
	"context"
	"errors"

	"rung/runner/internal/files"
	"rung/runner/internal/lock"
	"rung/runner/internal/pgconn"
	"rung/runner/internal/store"
)

// job is one piece of work on the history. Check, which may be nil, looks at the
// directory alone. Plan decides from the history, without a lock at first and
// again under it, whether there is something to do; Do does it.
type job struct {
	// fixes is true where the history tables may lack what can be made again.
	fixes bool
	check func(d *files.Directory) error
	plan  func(ctx context.Context, w *worker) (work bool, err error)
	// others is true where the plan may be made from what another scope has: its first
	// action then finds out whether this one has the same.
	others bool
	// texts, which may be nil, are the migrations that do will record.
	texts func(w *worker) []*files.Migration
	do    func(ctx context.Context, w *worker) error
	// end, which may be nil, is what comes after all went well.
	end func(ctx context.Context, w *worker) error
}

// notBegun is the error of what comes before any work: where the context has
// ended, that is why, whatever the connection says.
func notBegun(ctx context.Context, err error) error {
	cause := context.Cause(ctx)
	switch {
	case err == nil || cause == nil:
		return err
	case errors.Is(cause, lock.ErrLost):
		return lock.WithoutLock(cause)
	}
	return &StoppedError{Where: "nothing was run", Cause: cause}
}

// planAgain reads the history and asks the job what there is to do.
func (w *worker) planAgain(ctx context.Context, j job, as store.Gate) (work bool, err error) {
	if w.history.Rec, err = w.readRecord(ctx, w.session.Conn, as); err != nil {
		return false, pgconn.LostIs(err)
	}
	return j.plan(ctx, w)
}
