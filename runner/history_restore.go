package runner

import (
	"context"
	"errors"

	"rung/runner/internal/files"
	"rung/runner/internal/store"
)

// restore gives the history tables back what can be made again: the row that
// says of which form they are, and the view.
func (w *worker) restore(ctx context.Context) error {
	l, err := w.acquire(ctx, job{})
	if err != nil {
		return err
	}
	defer l.Release()
	if err := w.secondSession(ctx); err != nil {
		return err
	}
	var damage *store.HistoryError
	err = w.history.Read(ctx, w.session.Conn)
	if !errors.As(err, &damage) || !damage.Fixable {
		return err // another runner has, or it is worse now
	}
	view := store.Fragment("")
	if damage.Form >= store.FormatOfScopes {
		view = store.Fragment(w.history.AppliedView(damage.Form))
	}
	err = w.session.Conn.Exec(ctx, w.history.Begin("")+w.session.Limits.Local(&files.Script{})+w.history.SQL("format_again", store.Values{"form": damage.Form, "view": view})+"COMMIT")
	if err != nil {
		return w.session.Rollback(context.WithoutCancel(ctx), writingFailed(err))
	}
	w.report.Restored = true
	w.emit(Restored{Schema: w.history.Schema, What: damage.What})
	return w.history.Read(ctx, w.session.Conn)
}
