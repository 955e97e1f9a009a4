package runner

import (
	"context"
	"fmt"
	"strings"

	"rung/runner/internal/files"
	"rung/runner/internal/pgconn"
	"rung/runner/internal/plan"
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
		texts: func(*worker) []*files.Migration { return todo },
		do:    func(ctx context.Context, w *worker) error { return w.recording().baseline(ctx, todo) },
	})
}

func (r recording) baseline(ctx context.Context, todo []*files.Migration) error {
	m := &pgconn.Message{}
	m.Say(r.history.Begin(""))
	for _, mig := range todo {
		if _, err := r.sayRecorded(m, mig, "baseline", nil); err != nil {
			return err
		}
		r.report.Accepted = append(r.report.Accepted, plan.Accepted{Version: mig.Version, Title: mig.Title(), Name: mig.Name, What: []string{"baseline"}})
	}
	return r.write(ctx, m)
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
					return &plan.RefusalError{Reason: fmt.Sprintf("there is no version %s in %s", v, d.Label), Hint: "`rung status` lists them"}
				}
			}
			return nil
		},
		plan: func(_ context.Context, w *worker) (work bool, err error) {
			todo, err = plan.Repairs(w.cfg.Dir, w.history.Rec, versions)
			return len(todo) > 0, err
		},
		texts: func(w *worker) (accepted []*files.Migration) {
			for _, acc := range todo {
				accepted = append(accepted, w.cfg.Dir.Find(acc.Version))
			}
			return accepted
		},
		do: func(ctx context.Context, w *worker) error { return w.recording().repair(ctx, todo) },
	})
}

func (r recording) repair(ctx context.Context, todo []plan.Accepted) error {
	m := &pgconn.Message{}
	m.Say(r.history.Begin(""))
	for _, acc := range todo {
		mig := r.dir.Find(acc.Version)
		a := plan.Action{Direction: files.Up, Version: mig.Version, Name: mig.Name, Script: mig.Up, Migration: mig}
		v := r.history.Values(a.At(0))
		if err := r.history.AddFiles(a, v); err != nil {
			return err
		}
		v["action"], v["checksum"] = "repair", mig.Up.Checksum
		v["note"] = strings.Join(acc.What, ", ")
		if r.note != "" {
			v["note"] = r.history.Start.Storable(strings.Join(acc.What, ", ") + ": " + r.note)
		}
		m.Say(r.history.SQL("repair", v) + r.history.SQL("log", v))
		if state := r.history.Rec.Find(acc.Version).State; state != plan.Applying && state != plan.Background {
			continue
		}
		a.Resume(mig.Up, r.history.Rec)
		m.Say(r.history.MoveEntries(a, v))
		for _, n := range a.Fit.Edited {
			v["step"], v["checksum"] = n, a.Fit.Checksum(n)
			m.Say(r.history.SQL("repair_step", v))
		}
	}
	r.report.Accepted = todo
	return r.write(ctx, m)
}
