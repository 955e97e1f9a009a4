package exec

import (
	"context"
	"errors"
	"fmt"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"rung/runner/internal/pgconn"
	"rung/runner/internal/plan"
	"rung/runner/internal/store"
)

// Checkpoints are what the history says of a step outside of a transaction, before it and
// after it.
type Checkpoints struct {
	x   *Session
	run plan.StepRun
}

// Checkpoints are those of a step.
func (x *Session) Checkpoints(run plan.StepRun) Checkpoints { return Checkpoints{x, run} }

// Outside runs a step that PostgreSQL refuses inside a transaction. It is
// checkpointed before and after, and on a second try what the first one left
// is dealt with.
func (x *Session) Outside(ctx context.Context, run plan.StepRun) error {
	table, err := x.Earlier(run).Table(ctx)
	if err != nil {
		return err
	}
	c := x.Checkpoints(run)
	before, again, err := c.Start(ctx, table)
	if err != nil {
		return err
	}
	if err := c.between(ctx, table, before, again); err != nil {
		return err
	}
	return c.End(ctx)
}

// between is what happens between the two checkpoints.
func (c Checkpoints) between(ctx context.Context, table store.Fragment, before string, again bool) error {
	var doubtful []NewIndex
	earlier := c.x.Earlier(c.run)
	if again {
		if err := earlier.Await(ctx, c.run.Index); err != nil {
			return err
		}
		done, err := false, error(nil)
		if done, doubtful, err = earlier.clear(ctx, table, before == "started"); err != nil || done {
			return err
		}
	}
	if err := c.x.AsFile(ctx, c.run, func() error { return c.Alone(ctx, before) }); err != nil {
		return notSent(err, before)
	}
	if err := earlier.dropDouble(ctx, table, doubtful); err != nil {
		return err
	}
	return earlier.mustBeValid(ctx, table)
}

// notSent makes the step of a statement that was not sent a failed one, so that
// the file may be fixed; but not where an earlier try may have succeeded.
func notSent(err error, before string) error {
	var f *Failure
	var strayed *pgconn.StrayedError
	if errors.As(err, &f) && errors.As(f.Err, &strayed) && !strayed.Ran && before != "started" {
		f.Decides = true
	}
	return err
}

// Start writes the checkpoint that comes first. Before is the state that
// an earlier try left ("" for none).
func (c Checkpoints) Start(ctx context.Context, table store.Fragment) (before string, again bool, err error) {
	x, run := c.x, c.run
	key := run.Key()
	earlier, again := x.History.Rec.Steps[key]
	entry, _, err := x.History.Started(run, table)
	if err != nil {
		return "", false, err
	}
	t := x.NewSender(ctx, run)
	t.Say("BEGIN;\n" + x.History.SetRole() + x.History.FilePath() + entry)
	t.Mark(pgconn.MarkEnd)
	t.Say("COMMIT")
	if err := t.Flush(); err != nil {
		return "", false, err
	}
	now := earlier
	now.Checksum, now.State = run.Step().Checksum, "started"
	x.History.Rec.Steps[key] = now
	return earlier.State, again, nil
}

// Alone sends the statement by itself, under a comment that tells a later
// runner whether it still runs.
func (c Checkpoints) Alone(ctx context.Context, before string) error {
	x, run := c.x, c.run
	t := x.NewSender(ctx, run)
	t.Last, t.Decides = t.Step.First, true
	t.Say(stepMark(x.History, run))
	t.Message.Statement(run.Script, t.Step.First)
	err := t.Flush()
	e := pq.As(err)
	switch {
	case e == nil || before == "":
		return err
	case before == "started" && string(e.Code) == doneBefore[t.Step.Verb]:
		return nil // the try that was cut off had succeeded
	case t.Step.Verb == "DETACH PARTITION CONCURRENTLY" && pq.As(err, pqerror.ObjectNotInPrerequisiteState) != nil:
		t.Say(stepMark(x.History, run) + concurrently.ReplaceAllString(run.Script.Parsed.Statements[t.Step.First].Text, "FINALIZE"))
		return t.Flush()
	}
	return err
}

// doneBefore is, by statement, the error which says that a try whose answer
// never came had been carried out.
var doneBefore = map[string]string{
	"DROP INDEX CONCURRENTLY":       string(pqerror.UndefinedObject),
	"DETACH PARTITION CONCURRENTLY": string(pqerror.UndefinedTable),
	"CREATE DATABASE":               string(pqerror.DuplicateDatabase),
	"DROP DATABASE":                 string(pqerror.InvalidCatalogName),
	"CREATE TABLESPACE":             string(pqerror.DuplicateObject),
	"DROP TABLESPACE":               string(pqerror.UndefinedObject),
	"CREATE SUBSCRIPTION":           string(pqerror.DuplicateObject),
	"DROP SUBSCRIPTION":             string(pqerror.UndefinedObject),
	"COMMIT PREPARED":               string(pqerror.UndefinedObject),
	"ROLLBACK PREPARED":             string(pqerror.UndefinedObject),
}

// End writes the checkpoint that comes after, and with the last step the
// version's record.
func (c Checkpoints) End(ctx context.Context) error {
	x, run := c.x, c.run
	_, after, err := x.History.Started(run, "NULL")
	if err != nil {
		return err
	}
	t := x.NewSender(ctx, run)
	t.Say(x.History.Begin("") + after + "COMMIT")
	return t.Flush()
}

// Failed notes that the server said no to a started step, so that its
// outcome is known. The INVALID index of a failed CREATE INDEX CONCURRENTLY
// goes at once: the file may be fixed in such a way that the next run would
// not know it for this step's.
func (c Checkpoints) Failed(ctx context.Context) error {
	x, run := c.x, c.run
	key := run.Key()
	st, ok := x.History.Rec.Steps[key]
	if !ok || st.State != "started" {
		return nil
	}
	v := x.History.Values(run)
	err := x.Conn.Exec(ctx, x.History.Begin("")+x.History.Checkpoint(run, "failed", v)+"COMMIT")
	if err != nil {
		return pgconn.LostIs(err)
	}
	st.Checksum, st.State = run.Step().Checksum, "failed"
	x.History.Rec.Steps[key] = st
	x.Earlier(run).tidy(ctx)
	return nil
}

// stepMark is a comment that stands before the statement of such a step, for a later
// runner to find it in pg_stat_activity.
func stepMark(h *store.History, run plan.StepRun) string {
	return fmt.Sprintf("/* rung %x: %s %s, step %d */ ", uint64(h.LockKey()), run.Direction, run.Version, run.Number())
}
