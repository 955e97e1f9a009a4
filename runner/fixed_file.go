package runner

import (
	"context"
	"fmt"

	"rung/runner/internal/files"
	"rung/runner/internal/pgconn"
	"rung/runner/internal/plan"
)

// followFile brings the history to the file's numbers before anything runs: from
// here on a step's number tells again which it is.
func (t *applying) followFile(ctx context.Context, a *plan.Action) error {
	if !a.Fixed() {
		return nil
	}
	for _, m := range a.Fit.Moves {
		if m.State == "started" && m.To != m.From {
			// What its runner left running goes by the old number.
			if err := t.ap.session.Earlier(a.At(m.To-1)).Await(ctx, m.From-1); err != nil {
				return t.interrupted(ctx, *a, err)
			}
		}
	}
	if err := t.dropStrays(ctx, *a); err != nil {
		return err
	}
	entries, err := t.ap.history.FollowEntries(*a)
	if err != nil {
		return err
	}
	if err := t.entriesAlone(ctx, *a, entries, t.ap.outcomes.standing(a.At(a.FirstStep))); err != nil {
		return err
	}
	t.ap.history.FollowInMemory(*a)
	a.Fit = nil
	return nil
}

// endFixed records a file whose last steps, which had not run, were taken out.
func (t *applying) endFixed(ctx context.Context, a plan.Action) error {
	entries, err := t.ap.history.FixedEntries(a)
	if err != nil {
		return err
	}
	return t.entriesAlone(ctx, a, entries, t.ap.title(a)+" is not recorded as done yet")
}

// entriesAlone writes to the history what goes along with no step. Where says
// what is in place without it.
func (t *applying) entriesAlone(ctx context.Context, a plan.Action, entries, where string) error {
	err := t.ap.session.Conn.Exec(ctx, t.ap.history.Begin("ISOLATION LEVEL READ COMMITTED")+t.ap.session.Limits.Local(a.Script)+entries+"COMMIT")
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return &StoppedError{Where: where, Cause: context.Cause(ctx)}
	case t.ap.history.IsConflict(err):
		err = &conflictError{err}
	case pgconn.IsLost(err):
		return pgconn.LostIs(err)
	}
	return t.ap.session.Rollback(ctx, err)
}

// dropStrays drops them, before the history goes by the fixed file.
func (t *applying) dropStrays(ctx context.Context, a plan.Action) error {
	old, found, err := t.ap.session.Strays(ctx, a)
	if err != nil {
		return t.interrupted(ctx, a, err)
	}
	for _, s := range found {
		if err := t.ap.session.Earlier(old.At(s.N)).Drop(ctx, s.Index); err != nil {
			return t.interrupted(ctx, a, &files.HintedError{
				Err:  fmt.Errorf("%s: drop the INVALID index %s, left by a statement that was edited since: %w", a.Script.Path, s.Index.Name, err),
				Hint: "run `rung " + string(a.Direction) + "` again, or DROP INDEX CONCURRENTLY " + s.Index.Name,
			})
		}
	}
	return nil
}

// interrupted is an error that comes before the steps of an action.
func (t *applying) interrupted(ctx context.Context, a plan.Action, err error) error {
	if ctx.Err() != nil {
		return t.ap.outcomes.stopped(ctx, a.At(a.FirstStep))
	}
	return pgconn.LostIs(err)
}
