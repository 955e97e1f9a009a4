package runner

import (
	"context"
	"database/sql"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"rung/runner/internal/exec"
	"rung/runner/internal/files"
	"rung/runner/internal/pgconn"
	"rung/runner/internal/plan"
	"rung/runner/internal/store"
)

// What the server knows of a batch's statements is asked before the first of
// them runs: whether row-level security would keep rows from them, and whether
// they write the key that they go along.

// checkStatements refuses statements that would pass rows over, or do them
// twice. What else is wrong with them the first batch tells, with its place.
func (w *worker) checkStatements(ctx context.Context, run plan.StepRun, k *keyWalk) error {
	if err := w.checkRowSecurity(ctx, run, k); err != nil {
		return err
	}
	return w.checkKeyWrites(ctx, run, k)
}

// checkRowSecurity lets the server plan the statements without row-level
// security: it refuses those that some policy would change, also behind a view,
// where its owner's rights count.
func (w *worker) checkRowSecurity(ctx context.Context, run plan.StepRun, k *keyWalk) error {
	t := w.session.NewSender(ctx, run)
	t.Say("BEGIN READ ONLY;\n" + w.book.SetRole() + k.limits + k.session + "SET LOCAL row_security = off;\n")
	for i := t.Step.First; i < t.Step.Last; i++ {
		t.Say("PREPARE " + prepared(t.Step, i) + k.parameters() + " AS ")
		t.Message.Prepared(run.Script, i)
	}
	t.Say("ROLLBACK;\n" + w.book.SQL("reset", nil))
	err := t.Flush()
	if e := pq.As(err, pqerror.InsufficientPrivilege); e != nil && e.Routine == "check_enable_rls" {
		return w.badKey(run, files.Problem{
			What: "row-level security would hide rows from the batch: " + e.Message,
			Fix:  unboundRole,
		})
	}
	return w.ignoreMistakes(ctx, err)
}

// checkKeyWrites asks which columns the statements update, as the server notes
// it for their rights: in the body of a function, which is rolled back. What a
// trigger, a rule or a view does shows in the first batch.
func (w *worker) checkKeyWrites(ctx context.Context, run plan.StepRun, k *keyWalk) error {
	t := w.session.NewSender(ctx, run)
	t.Say("BEGIN;\n" + w.book.SetRole() + k.limits + k.session)
	step := run.Step()
	for i := step.First; i < step.Last; i++ {
		t.Say("CREATE FUNCTION pg_temp." + prepared(step, i) + k.parameters() + " RETURNS pg_catalog.void LANGUAGE sql BEGIN ATOMIC " + run.Script.Bare(i) + "\n; END;\n")
	}
	if err := t.Flush(); err != nil {
		return w.ignoreMistakes(ctx, err)
	}
	var name string
	q := w.book.SQL("batch_writes", store.Values{"table": k.qualified, "columns": store.Key(step.Batch.Columns)}) + "ROLLBACK;\n" + w.book.SQL("reset", nil)
	_, err := w.session.Watched(t.Hear, t.Now, func() error {
		return w.session.Conn.Query(ctx, q, func(rows *sql.Rows) error { return rows.Scan(&name) })
	})
	if err != nil {
		return exec.InRecord(run, err)
	}
	for i := step.First; i < step.Last; i++ {
		if name == prepared(step, i) {
			return w.badStatement(run.Action, i, ownKey(k.table, k.columns))
		}
	}
	return nil
}

// ignoreMistakes ends the transaction of a check. Only an error of the
// connection, or a lock that was not had, is one of the check.
func (w *worker) ignoreMistakes(ctx context.Context, err error) error {
	if err == nil || pgconn.IsLost(err) || w.session.MayPass(err) || ctx.Err() != nil || pq.As(err, pqerror.QueryCanceled) != nil {
		return err
	}
	return w.session.Rollback(ctx, nil)
}
