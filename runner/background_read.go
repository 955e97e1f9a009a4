package runner

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"rung/runner/internal/backfill"
	"rung/runner/internal/files"
	"rung/runner/internal/lock"
	"rung/runner/internal/pgconn"
	"rung/runner/internal/plan"
	"rung/runner/internal/store"
)

// backgrounds lists the background backfills that are not done, in order of version.
// It asks nothing where the history has none.
func (w *worker) backgrounds(ctx context.Context) (all []Background, err error) {
	if len(w.history.Rec.InBackground()) == 0 {
		return nil, nil
	}
	err = w.session.Conn.Query(ctx, w.book.SQL("background", store.Values{}), func(rows *sql.Rows) error {
		var b Background
		var rest int64
		err := rows.Scan(&b.Version, &b.Name, &b.State, &b.Progress.Total, &b.RegisteredAt, &b.RegisteredBy, &b.run, &b.StartedAt,
			&b.Attempts, &b.FailedAt, &b.Error, &b.SQLState, &b.Keys, &b.NextTry, &rest, &b.Paused, &b.By, &b.Since, &b.Heartbeat)
		b.Title, b.rest = w.cfg.Dir.Title(b.Version, b.Name), time.Duration(rest)*time.Millisecond
		b.Progress.Version, b.Progress.Direction, b.Progress.Paused, b.Progress.By = b.Version, files.Up, b.Paused, b.By
		all = append(all, b)
		return err
	})
	if err != nil {
		return nil, pgconn.LostIs(err)
	}
	progress, err := w.backfills(ctx)
	if err != nil {
		return nil, err
	}
	for i := range all {
		b := &all[i]
		if n := slices.IndexFunc(progress, func(p backfill.Progress) bool { return p.Version == b.Version }); n >= 0 {
			b.Progress = progress[n]
		}
		if err := w.addWorker(ctx, b); err != nil {
			return nil, err
		}
		b.WaitedFor = w.waitedFor(b.Version)
	}
	return all, nil
}

// addWorker asks who has a backfill's lock.
func (w *worker) addWorker(ctx context.Context, b *Background) error {
	h, err := lock.HolderOf(ctx, w.session.Conn, w.bookOf(b.Version))
	if err != nil {
		return pgconn.LostIs(err)
	}
	if h.PID != 0 {
		b.Worker = &h
	}
	if h.PID == 0 || b.Paused {
		b.Progress.Rate = 0 // nobody works on it
	}
	return nil
}

// bookOf is the history with the lock of a background backfill.
func (r *Runner) bookOf(v files.Version) store.Book {
	book := r.book
	book.Background = v
	return book
}

// waitedFor are the pending files that require a version.
func (w *worker) waitedFor(v files.Version) (files []string) {
	for _, m := range w.cfg.Dir.Migrations {
		if m.Up != nil && slices.Contains(m.Up.Requires, v) && w.history.Rec.Find(m.Version) == nil {
			files = append(files, m.Up.Path)
		}
	}
	return files
}

// openBackfills are those that can be steered: the ones that are begun and not done,
// and the registered ones that nobody has begun.
func (w *worker) openBackfills(ctx context.Context) ([]backfill.Progress, error) {
	all, err := w.backfills(ctx)
	if err != nil {
		return nil, err
	}
	registered, err := w.backgrounds(ctx)
	for _, b := range registered {
		if !slices.ContainsFunc(all, func(p backfill.Progress) bool { return p.Version == b.Version }) {
			all = append(all, b.Progress)
		}
	}
	return all, err
}

// workerOf asks who works on the backfill of a version: rung work, or the runner that
// has the migration lock.
func (w *worker) workerOf(ctx context.Context, v files.Version) (lock.Holder, error) {
	if row := w.history.Rec.Find(v); row != nil && row.State == plan.Background {
		return lock.HolderOf(ctx, w.session.Conn, w.bookOf(v))
	}
	return lock.HolderOf(ctx, w.session.Conn, w.book)
}

// resumeFailed is the SQL that lets work try a failed backfill again.
func (w *worker) resumeFailed(v files.Version) string {
	if row := w.history.Rec.Find(v); row == nil || row.State != plan.Background {
		return ""
	}
	var from store.Key
	for _, s := range plan.BackfillsBefore(plan.BackfillResume) {
		from = append(from, string(s))
	}
	return w.book.SQL("background_resume", store.Values{"version": v, "from": from})
}
