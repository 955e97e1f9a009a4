package exec

import (
	"context"

	"rung/runner/internal/pgconn"
	"rung/runner/internal/plan"
)

// RollbackStep ends the transaction of a step that failed. What earlier steps
// left in the session stays for another try.
func (x *Session) RollbackStep(ctx context.Context, n int) error {
	if n == 0 {
		return x.Rollback(ctx, nil)
	}
	return pgconn.LostIs(x.Conn.Exec(ctx, "ROLLBACK;\n"+x.History.SQL("reset_between", nil)))
}

// Leave resets what the steps before a failed one left in the session: a
// pool may hand it on.
func (x *Session) Leave(ctx context.Context, n int) {
	if n == 0 || !x.Conn.Alive() {
		return
	}
	x.tryReset(ctx, x.History.SQL("reset", nil))
}

// tryReset resets the session by the statements given, also where the run was
// stopped. A lost session has nothing to reset.
func (x *Session) tryReset(ctx context.Context, reset string) {
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), pgconn.CancelGrace)
	defer cancel()
	_ = x.Conn.Exec(limited, reset)
}

// Rollback ends an aborted transaction. It returns err, or its own where there
// is none.
func (x *Session) Rollback(ctx context.Context, err error) error {
	if e := x.Conn.Exec(ctx, "ROLLBACK;\n"+x.History.SQL("reset", nil)); e != nil && err == nil {
		return pgconn.LostIs(e)
	}
	return err
}

// resetAfter undoes what a step left in the session: its settings, which
// the next steps are sent again, and with the last one all else. Temporary
// tables, prepared statements and the like are there for the steps of one file.
func (x *Session) resetAfter(run plan.StepRun) string {
	if run.Index < len(run.Script.Steps)-1 {
		return x.History.SQL("reset_between", nil)
	}
	return x.History.SQL("reset", nil)
}
