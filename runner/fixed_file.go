package runner

import (
	"context"

	"rung/runner/internal/pgconn"
	"rung/runner/internal/plan"
)

// followFile brings the history to the file's numbers before anything runs: from
// here on a step's number tells again which it is.
func (w *worker) followFile(ctx context.Context, a *plan.Action) error {
	if !a.Fixed() {
		return nil
	}
	for _, m := range a.Fit.Moves {
		if m.State == "started" && m.To != m.From {
			// What its runner left running goes by the old number.
			if err := w.awaitEarlier(ctx, a.At(m.To-1), m.From-1); err != nil {
				return w.interrupted(ctx, *a, err)
			}
		}
	}
	if err := w.dropStrays(ctx, *a); err != nil {
		return err
	}
	entries, err := w.history.FollowEntries(*a)
	if err != nil {
		return err
	}
	if err := w.entriesAlone(ctx, *a, entries, w.standing(a.At(a.FirstStep))); err != nil {
		return err
	}
	w.history.FollowInMemory(*a)
	a.Fit = nil
	return nil
}

// endFixed records a file whose last steps, which had not run, were taken out.
func (w *worker) endFixed(ctx context.Context, a plan.Action) error {
	entries, err := w.history.FixedEntries(a)
	if err != nil {
		return err
	}
	return w.entriesAlone(ctx, a, entries, w.title(a)+" is not recorded as done yet")
}

// entriesAlone writes to the history what goes along with no step. Where says
// what is in place without it.
func (w *worker) entriesAlone(ctx context.Context, a plan.Action, entries, where string) error {
	err := w.s.Exec(ctx, w.book.Begin("ISOLATION LEVEL READ COMMITTED")+w.limits(a.Script)+entries+"COMMIT")
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return &StoppedError{Where: where, Cause: context.Cause(ctx)}
	case w.book.IsConflict(err):
		err = &conflictError{err}
	case pgconn.IsLost(err):
		return pgconn.LostIs(err)
	}
	return w.rollback(ctx, err)
}
