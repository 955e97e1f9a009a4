package runner

import (
	"context"
	"fmt"
	"strings"

	"rung/runner/internal/files"
	"rung/runner/internal/pgconn"
	"rung/runner/internal/plan"
	"rung/runner/internal/store"
)

// Baseline records every file of the directory up to a version as applied,
// without running it: for a database that has those changes already.
func (r *Runner) Baseline(ctx context.Context, to Version) (*Report, error) {
	var todo []*files.Migration
	return r.work(ctx, job{
		fixes: true,
		check: func(d *files.Directory) error {
			if d.Find(to) != nil {
				return nil
			}
			return &plan.RefusalError{Reason: fmt.Sprintf("there is no version %s in %s", to, d.Label), Hint: "name the newest version that the database has already"}
		},
		plan: func(_ context.Context, w *worker) (bool, error) {
			todo = nil
			var bad []files.Problem
			for _, m := range w.cfg.Dir.Migrations {
				if m.Up != nil && m.Version.Compare(to) <= 0 && w.history.Rec.Find(m.Version) == nil {
					todo, bad = append(todo, m), append(bad, m.Unrecordable()...)
				}
			}
			if len(bad) > 0 {
				return false, &files.BadFilesError{Problems: bad}
			}
			return len(todo) > 0, nil
		},
		do: func(ctx context.Context, w *worker) error { return w.baseline(ctx, todo) },
	})
}

func (w *worker) baseline(ctx context.Context, todo []*files.Migration) error {
	m := &pgconn.Message{}
	m.Say(w.book.Begin(""))
	for _, mig := range todo {
		if _, err := w.sayRecorded(m, mig, "baseline", nil); err != nil {
			return err
		}
		w.report.Accepted = append(w.report.Accepted, plan.Accepted{Version: mig.Version, Title: mig.Title(), Name: mig.Name, What: []string{"baseline"}})
	}
	return w.write(ctx, m)
}

// sayRecorded adds what records a migration as applied that did not run here, and
// returns its values. Without a note the log has the run's.
func (w *worker) sayRecorded(m *pgconn.Message, mig *files.Migration, action string, note any) (store.Values, error) {
	a := plan.Action{Direction: files.Up, Version: mig.Version, Name: mig.Name, Script: mig.Up, Migration: mig}
	v := w.history.Values(a.At(0))
	if err := w.history.AddFiles(a, v); err != nil {
		return nil, err
	}
	v["state"], v["action"] = string(plan.Applied), action
	v["checksum"] = mig.Up.Checksum
	if note != nil {
		v["note"] = note
	}
	m.Say(w.book.SQL("claim_up", v) + w.book.SQL("log", v))
	return v, nil
}

// write sends bookkeeping that runs no file, and forgets the report's
// acceptances where it failed.
func (w *worker) write(ctx context.Context, m *pgconn.Message) error {
	m.Say("COMMIT")
	err := w.session.Conn.Exec(ctx, m.Text.String())
	if err != nil {
		w.report.Accepted = nil
		return w.session.Rollback(context.WithoutCancel(ctx), writingFailed(err))
	}
	return nil
}

// Repair accepts the files as they are now: their checksums, SQL and names go
// into the history in place of the old. It runs nothing. With versions, only
// those are accepted.
func (r *Runner) Repair(ctx context.Context, versions []Version) (*Report, error) {
	var todo []plan.Accepted
	return r.work(ctx, job{
		fixes: true,
		check: func(d *files.Directory) error {
			for _, v := range versions {
				if d.Find(v) == nil {
					return &plan.RefusalError{Reason: fmt.Sprintf("there is no version %s in %s", v, d.Label)}
				}
			}
			return nil
		},
		plan: func(_ context.Context, w *worker) (work bool, err error) {
			todo, err = plan.Repairs(w.cfg.Dir, w.history.Rec, versions)
			return len(todo) > 0, err
		},
		do: func(ctx context.Context, w *worker) error { return w.repair(ctx, todo) },
	})
}

func (w *worker) repair(ctx context.Context, todo []plan.Accepted) error {
	m := &pgconn.Message{}
	m.Say(w.book.Begin(""))
	for _, acc := range todo {
		mig := w.cfg.Dir.Find(acc.Version)
		a := plan.Action{Direction: files.Up, Version: mig.Version, Name: mig.Name, Script: mig.Up, Migration: mig}
		v := w.history.Values(a.At(0))
		if err := w.history.AddFiles(a, v); err != nil {
			return err
		}
		v["action"], v["checksum"] = "repair", mig.Up.Checksum
		v["note"] = strings.Join(acc.What, ", ")
		if w.cfg.Note != "" {
			v["note"] = w.book.Start.Storable(strings.Join(acc.What, ", ") + ": " + w.cfg.Note)
		}
		m.Say(w.book.SQL("repair", v) + w.book.SQL("log", v))
		if state := w.history.Rec.Find(acc.Version).State; state != plan.Applying && state != plan.Background {
			continue
		}
		a.Resume(mig.Up, w.history.Rec)
		m.Say(w.history.MoveEntries(a, v))
		for _, n := range a.Fit.Edited {
			v["step"], v["checksum"] = n, a.Fit.Checksum(n)
			m.Say(w.book.SQL("repair_step", v))
		}
	}
	w.report.Accepted = todo
	return w.write(ctx, m)
}
