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

// backfills reads how the backfills of a history stand.
type backfills struct {
	conn    *pgconn.Session
	history *store.History
	dir     *files.Directory
}

// backfills are those of the run's history.
func (w *worker) backfills() backfills {
	return backfills{conn: w.session.Conn, history: w.history, dir: w.cfg.Dir}
}

// backgrounds lists the background backfills that are not done, in order of version.
// It asks nothing where the history has none.
func (q backfills) backgrounds(ctx context.Context) (all []Background, err error) {
	if len(q.history.Rec.InBackground()) == 0 {
		return nil, nil
	}
	err = q.conn.Query(ctx, q.history.SQL("background", store.Values{}), func(rows *sql.Rows) error {
		var b Background
		var rest int64
		err := rows.Scan(&b.Version, &b.Name, &b.State, &b.Progress.Total, &b.RegisteredAt, &b.RegisteredBy, &b.run, &b.StartedAt,
			&b.Attempts, &b.FailedAt, &b.Error, &b.SQLState, &b.Keys, &b.NextTry, &rest, &b.Paused, &b.By, &b.Since, &b.Heartbeat)
		b.Title, b.rest = q.dir.Title(b.Version, b.Name), time.Duration(rest)*time.Millisecond
		b.Progress.Version, b.Progress.Direction, b.Progress.Paused, b.Progress.By = b.Version, files.Up, b.Paused, b.By
		all = append(all, b)
		return err
	})
	if err != nil {
		return nil, pgconn.LostIs(err)
	}
	progress, err := q.running(ctx)
	if err != nil {
		return nil, err
	}
	for i := range all {
		b := &all[i]
		if n := slices.IndexFunc(progress, func(p backfill.Progress) bool { return p.Version == b.Version }); n >= 0 {
			b.Progress = progress[n]
		}
		if err := q.addWorker(ctx, b); err != nil {
			return nil, err
		}
		b.WaitedFor = q.waitedFor(b.Version)
	}
	return all, nil
}

// addWorker asks who has a backfill's lock.
func (q backfills) addWorker(ctx context.Context, b *Background) error {
	h, err := lock.HolderOf(ctx, q.conn, q.history.OfBackground(b.Version))
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

// waitedFor are the pending files that require a version.
func (q backfills) waitedFor(v files.Version) (files []string) {
	for _, m := range q.dir.Migrations {
		if m.Up != nil && slices.Contains(m.Up.Requires, v) && q.history.Rec.Find(m.Version) == nil {
			files = append(files, m.Up.Path)
		}
	}
	return files
}

// open are those that can be steered: the ones that are begun and not done,
// and the registered ones that nobody has begun.
func (q backfills) open(ctx context.Context) ([]backfill.Progress, error) {
	all, err := q.running(ctx)
	if err != nil {
		return nil, err
	}
	registered, err := q.backgrounds(ctx)
	for _, b := range registered {
		if !slices.ContainsFunc(all, func(p backfill.Progress) bool { return p.Version == b.Version }) {
			all = append(all, b.Progress)
		}
	}
	return all, err
}

// workerOf asks who works on the backfill of a version: rung work, or the runner that
// has the migration lock.
func (q backfills) workerOf(ctx context.Context, v files.Version) (lock.Holder, error) {
	if row := q.history.Rec.Find(v); row != nil && row.State == plan.Background {
		return lock.HolderOf(ctx, q.conn, q.history.OfBackground(v))
	}
	return lock.HolderOf(ctx, q.conn, q.history.Book)
}

// resumeFailed is the SQL that lets work try a failed backfill again.
func (q backfills) resumeFailed(v files.Version) string {
	if row := q.history.Rec.Find(v); row == nil || row.State != plan.Background {
		return ""
	}
	var from store.Key
	for _, s := range plan.BackfillsBefore(plan.BackfillResume) {
		from = append(from, string(s))
	}
	return q.history.SQL("background_resume", store.Values{"version": v, "from": from})
}

// one is the backfill of a version, or the only one that there is.
func (q backfills) one(ctx context.Context, version *files.Version) (*backfill.Progress, error) {
	all, err := q.open(ctx)
	if err != nil {
		return nil, err
	}
	for i := range all {
		if version == nil && len(all) == 1 || version != nil && all[i].Version == *version {
			return &all[i], nil
		}
	}
	if version == nil && len(all) > 1 {
		return nil, &plan.RefusalError{Reason: "several backfills are running", Hint: "name the version of one; `rung status` lists them"}
	}
	return nil, &plan.RefusalError{Reason: "no such backfill is running", Hint: "`rung status` shows what runs"}
}

// running lists the batched steps that are begun and not done, by version.
func (q backfills) running(ctx context.Context) (all []backfill.Progress, err error) {
	if q.history.Rec.Format < store.FormatOfBatches {
		return nil, nil
	}
	err = q.conn.Query(ctx, q.history.SQL("progress", q.history.Scoped(q.history.Rec, store.Values{"versions": q.history.Versions(q.history.Rec)})), func(rows *sql.Rows) error {
		var p backfill.Progress
		var state string
		err := rows.Scan(&p.Version, &p.Direction, &p.Step, &p.Total, &p.Keys, &p.Rows, &p.Batches, &p.Rate, &p.Paused, &p.By, &state)
		p.Total = max(p.Total, p.Keys)
		all = append(all, p)
		return err
	})
	return all, pgconn.LostIs(err)
}

// first is how far the backfill of another runner is, or nil.
func (q backfills) first(ctx context.Context) *backfill.Progress {
	all, err := q.running(ctx)
	if err != nil || len(all) == 0 {
		return nil // it is said for comfort only
	}
	return &all[0]
}

// addNotes says what is odd about the numbers of backfills that another session runs,
// of which only the directory has the statements.
func (q backfills) addNotes(all []backfill.Progress) {
	for i, p := range all {
		m := q.dir.Find(p.Version)
		if m == nil {
			continue
		}
		s := m.Up
		if p.Direction == files.Down {
			s = m.Down
		}
		if s == nil {
			continue
		}
		if s = s.StepByStep(); p.Step <= len(s.Steps) && s.Steps[p.Step-1].Batch != nil {
			all[i].Note = p.Odd(s.Changes(s.Steps[p.Step-1]))
		}
	}
}
