package runner

import (
	"context"
	"errors"
)

// restore gives the history tables back what can be made again: the row that
// says of which form they are, and the view.
func (w *worker) restore(ctx context.Context) error {
	l, err := w.acquire(ctx, job{})
	if err != nil {
		return err
	}
	defer l.release()
	if err := w.secondSession(ctx); err != nil {
		return err
	}
	var damage *HistoryError
	err = w.readAgain(ctx)
	if !errors.As(err, &damage) || !damage.fixable {
		return err // another runner has, or it is worse now
	}
	view := fragment("")
	if damage.form >= formatOfScopes {
		view = fragment(w.book.sql("applied_view", nil))
	}
	err = w.s.Exec(ctx, w.book.begin("")+w.limits(&Script{})+w.book.sql("format_again", values{"form": damage.form, "view": view})+"COMMIT")
	if err != nil {
		return w.rollback(context.WithoutCancel(ctx), writingFailed(err))
	}
	w.report.Restored = true
	w.emit(Restored{Schema: w.book.schema, What: damage.What})
	return w.readAgain(ctx)
}
