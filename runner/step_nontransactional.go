package runner

import (
	"context"
	"errors"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"rung/runner/internal/pgconn"
	"rung/runner/internal/plan"
	"rung/runner/internal/store"
)

// outside runs a step that PostgreSQL refuses inside a transaction. It is
// checkpointed before and after, and on a second try what the first one left
// is dealt with.
func (w *worker) outside(ctx context.Context, run plan.StepRun) error {
	table, err := w.tableOf(ctx, run)
	if err != nil {
		return err
	}
	before, again, err := w.startStep(ctx, run, table)
	if err != nil {
		return err
	}
	if err := w.besideCheckpoints(ctx, run, table, before, again); err != nil {
		return err
	}
	return w.endStep(ctx, run)
}

// besideCheckpoints is what happens between the two checkpoints.
func (w *worker) besideCheckpoints(ctx context.Context, run plan.StepRun, table store.Fragment, before string, again bool) error {
	var doubtful []newIndex
	if again {
		if err := w.awaitEarlier(ctx, run, run.Index); err != nil {
			return err
		}
		done, err := false, error(nil)
		if done, doubtful, err = w.leftovers(ctx, run, table, before == "started"); err != nil || done {
			return err
		}
	}
	if err := w.asFile(ctx, run, func() error { return w.alone(ctx, run, before) }); err != nil {
		return notSent(err, before)
	}
	err := w.dropDouble(ctx, run, table, doubtful)
	if err == nil {
		err = w.mustBeValid(ctx, run, table)
	}
	var lost *pgconn.LostError
	var f *failure
	if errors.As(err, &lost) && !errors.As(err, &f) { // the statement is through, and the connection was cut behind it
		return w.failureOf(ctx, run, err)
	}
	return err
}

// notSent makes the step of a statement that was not sent a failed one, so that
// the file may be fixed; but not where an earlier try may have got through.
func notSent(err error, before string) error {
	var f *failure
	var strayed *pgconn.StrayedError
	if errors.As(err, &f) && errors.As(f.err, &strayed) && !strayed.Ran && before != "started" {
		f.sender.decides = true
	}
	return err
}

// startStep writes the checkpoint that comes first. Before is the state that
// an earlier try left ("" for none).
func (w *worker) startStep(ctx context.Context, run plan.StepRun, table store.Fragment) (before string, again bool, err error) {
	key := run.Key()
	earlier, again := w.history.Rec.Steps[key]
	entry, _, err := w.history.Started(run, table)
	if err != nil {
		return "", false, err
	}
	t := w.newSender(ctx, run)
	t.say("BEGIN;\n" + w.book.SetRole() + w.book.FilePath() + entry)
	t.mark(pgconn.MarkEnd)
	t.say("COMMIT")
	if err := t.flush(); err != nil {
		return "", false, err
	}
	now := earlier
	now.Checksum, now.State = run.Step().Checksum, "started"
	w.history.Rec.Steps[key] = now
	return earlier.State, again, nil
}

// alone sends the statement by itself, under a mark that tells a later runner
// whether it still runs.
func (w *worker) alone(ctx context.Context, run plan.StepRun, before string) error {
	t := w.newSender(ctx, run)
	t.last, t.decides = t.step.First, true
	t.say(w.mark(run))
	t.m.Statement(run.Script, t.step.First)
	err := t.flush()
	e := pq.As(err)
	switch {
	case e == nil || before == "":
		return err
	case before == "started" && string(e.Code) == doneBefore[t.step.Verb]:
		return nil // the try that was cut off had got through
	case t.step.Verb == "DETACH PARTITION CONCURRENTLY" && pq.As(err, pqerror.ObjectNotInPrerequisiteState) != nil:
		t.say(w.mark(run) + concurrently.ReplaceAllString(run.Script.Parsed.Statements[t.step.First].Text, "FINALIZE"))
		return t.flush()
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

// endStep writes the checkpoint that comes after, and with the last step the
// version's record.
func (w *worker) endStep(ctx context.Context, run plan.StepRun) error {
	_, after, err := w.history.Started(run, "NULL")
	if err != nil {
		return err
	}
	t := w.newSender(ctx, run)
	t.say(w.book.Begin("") + after + "COMMIT")
	return t.flush()
}

// stepFailed notes that the server said no to a started step, so that its
// outcome is known. The INVALID index of a failed CREATE INDEX CONCURRENTLY
// goes at once: the file may be fixed in such a way that the next run would
// not know it for this step's.
func (w *worker) stepFailed(ctx context.Context, run plan.StepRun) error {
	key := run.Key()
	st, ok := w.history.Rec.Steps[key]
	if !ok || st.State != "started" {
		return nil
	}
	v := w.history.Values(run)
	err := w.s.Exec(ctx, w.book.Begin("")+w.history.Checkpoint(run, "failed", v)+"COMMIT")
	if err != nil {
		return pgconn.LostIs(err)
	}
	st.Checksum, st.State = run.Step().Checksum, "failed"
	w.history.Rec.Steps[key] = st
	w.tidy(ctx, run)
	return nil
}
