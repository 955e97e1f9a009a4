package backfill

import (
	"context"
	"database/sql"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"rung/runner/internal/exec"
	"rung/runner/internal/files"
	"rung/runner/internal/pgconn"
	"rung/runner/internal/store"
)

// What the server knows of a batch's statements is asked before the first of
// them runs: whether row-level security would keep rows from them, and whether
// they write the key that they go along.

// checkStatements refuses statements that would pass rows over, or do them
// twice. What else is wrong with them the first batch tells, with its place.
func (k *Walk) checkStatements(ctx context.Context, x *exec.Session) error {
	if err := k.checkRowSecurity(ctx, x); err != nil {
		return err
	}
	return k.checkKeyWrites(ctx, x)
}

// checkRowSecurity lets the server plan the statements without row-level
// security: it refuses those that some policy would change, also behind a view,
// where its owner's rights count.
func (k *Walk) checkRowSecurity(ctx context.Context, x *exec.Session) error {
	t := x.NewSender(ctx, k.Run)
	t.Say("BEGIN READ ONLY;\n" + x.History.SetRole() + k.limits + k.session + "SET LOCAL row_security = off;\n")
	for i := t.Step.First; i < t.Step.Last; i++ {
		t.Say("PREPARE " + prepared(t.Step, i) + k.parameters() + " AS ")
		t.Message.Prepared(k.Run.Script, i)
	}
	t.Say("ROLLBACK;\n" + x.History.SQL("reset", nil))
	err := t.Flush()
	if e := pq.As(err, pqerror.InsufficientPrivilege); e != nil && e.Routine == "check_enable_rls" {
		return BadKey(k.Run, files.Problem{
			What: "row-level security would hide rows from the batch: " + e.Message,
			Fix:  unboundRole,
		})
	}
	return ignoreMistakes(ctx, x, err)
}

// checkKeyWrites asks which columns the statements update, as the server notes
// it for their rights: in the body of a function, which is rolled back. What a
// trigger, a rule or a view does shows in the first batch.
func (k *Walk) checkKeyWrites(ctx context.Context, x *exec.Session) error {
	t := x.NewSender(ctx, k.Run)
	t.Say("BEGIN;\n" + x.History.SetRole() + k.limits + k.session)
	step := k.Run.Step()
	for i := step.First; i < step.Last; i++ {
		t.Say("CREATE FUNCTION pg_temp." + prepared(step, i) + k.parameters() + " RETURNS pg_catalog.void LANGUAGE sql BEGIN ATOMIC " + k.Run.Script.Bare(i) + "\n; END;\n")
	}
	if err := t.Flush(); err != nil {
		return ignoreMistakes(ctx, x, err)
	}
	var name string
	q := x.History.SQL("batch_writes", store.Values{"table": k.qualified, "columns": store.Key(step.Batch.Columns)}) + "ROLLBACK;\n" + x.History.SQL("reset", nil)
	_, err := x.Watched(t.Hear, t.Now, func() error {
		return x.Conn.Query(ctx, q, func(rows *sql.Rows) error { return rows.Scan(&name) })
	})
	if err != nil {
		return exec.InRecord(k.Run, err)
	}
	for i := step.First; i < step.Last; i++ {
		if name == prepared(step, i) {
			return badStatement(k.Run.Action, i, OwnKey(k.table, k.columns))
		}
	}
	return nil
}

// ignoreMistakes ends the transaction of a check. Only an error of the
// connection, or a lock that was not obtained, is one of the check.
func ignoreMistakes(ctx context.Context, x *exec.Session, err error) error {
	if err == nil || pgconn.IsLost(err) || x.MayPass(err) || ctx.Err() != nil || pq.As(err, pqerror.QueryCanceled) != nil {
		return err
	}
	return x.Rollback(ctx, nil)
}
