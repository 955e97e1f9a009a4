package runner

import (
	"context"

	"rung/runner/internal/pgconn"
	"rung/runner/internal/plan"
)

// rollbackStep ends the transaction of a step that failed. What earlier steps
// left in the session stays for another try.
func (w *worker) rollbackStep(ctx context.Context, n int) error {
	if n == 0 {
		return w.rollback(ctx, nil)
	}
	return pgconn.LostIs(w.s.Exec(ctx, "ROLLBACK;\n"+w.book.SQL("reset_between", nil)))
}

// leave takes back what the steps before a failed one left in the session: a
// pool may hand it on.
func (w *worker) leave(ctx context.Context, n int) {
	if n == 0 || !w.s.Alive() {
		return
	}
	w.tryReset(ctx, w.book.SQL("reset", nil))
}

// tryReset resets the session by the statements given, also where the run was
// stopped. A lost session has nothing to reset.
func (w *worker) tryReset(ctx context.Context, reset string) {
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), pgconn.CancelGrace)
	defer cancel()
	_ = w.s.Exec(limited, reset)
}

// rollback ends an aborted transaction. It returns err, or its own where there
// is none.
func (w *worker) rollback(ctx context.Context, err error) error {
	if e := w.s.Exec(ctx, "ROLLBACK;\n"+w.book.SQL("reset", nil)); e != nil && err == nil {
		return pgconn.LostIs(e)
	}
	return err
}

// resetAfter takes back what a step left in the session: its settings, which
// the next steps are sent again, and with the last one all else. Temporary
// tables, prepared statements and the like are there for the steps of one file.
func (w *worker) resetAfter(run plan.StepRun) string {
	if run.Index < len(run.Script.Steps)-1 {
		return w.book.SQL("reset_between", nil)
	}
	return w.book.SQL("reset", nil)
}
