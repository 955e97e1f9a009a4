package runner

import (
	"context"
	"slices"

	"rung/runner/internal/files"
	"rung/runner/internal/lock"
	"rung/runner/internal/pgconn"
	"rung/runner/internal/plan"
	"rung/runner/internal/store"
)

// Status is what status shows: every version of directory and history.
type Status struct {
	Schema string
	// HistoryExists is false before the first up.
	HistoryExists bool
	Rows          []StatusRow
	// Running is who holds the migration lock, or nil.
	Running *Holder
	// Blockers are the sessions that block it.
	Blockers []Blocker
	// Backfills are the batched steps that are begun and not done.
	Backfills []Progress
	// Background are the background backfills that are registered and not done.
	Background []Background
	Findings   []Finding
	// DirectoryWarnings are those of the directory that the history does not answer.
	DirectoryWarnings []Problem
	// LastFailure is the newest attempt that failed and whose version has not
	// gone through since, or nil.
	LastFailure *LogEntry
}

// Pending counts what up would run.
func (s *Status) Pending() int {
	return plan.Pending(s.Rows)
}

// Status reads the history beside the directory. It takes no lock and writes nothing.
func (r *Runner) Status(ctx context.Context) (*Status, error) {
	var st *Status
	err := r.read(ctx, func(ctx context.Context, w *worker) error {
		st = statusOf(w.cfg.Dir, w.history.Rec)
		st.Schema = w.history.Schema
		for i := range st.Findings {
			if err := w.planning().addDiff(ctx, &st.Findings[i]); err != nil {
				return err
			}
		}
		h, err := lock.HolderOf(ctx, w.session.Conn, w.history.Book)
		if err != nil {
			return pgconn.LostIs(err)
		}
		if h.PID != 0 {
			st.Running = &h
			q := w.history.SQL("waits", store.Values{"user": h.User, "application": h.Application})
			if st.Blockers, err = lock.BlockersOf(ctx, w.session.Conn, q); err != nil {
				return pgconn.LostIs(err)
			}
		}
		if st.Backfills, err = w.backfills().running(ctx); err != nil {
			return err
		}
		w.backfills().addNotes(st.Backfills)
		if st.Background, err = w.backfills().backgrounds(ctx); err != nil {
			return err
		}
		st.Backfills = slices.DeleteFunc(st.Backfills, func(p Progress) bool { return w.history.Rec.Find(p.Version).State == plan.Background })
		for i := range st.Backfills {
			if st.Running == nil || st.Backfills[i].Paused {
				st.Backfills[i].Rate = 0 // nobody works on it
			}
		}
		if w.history.Rec.Exists {
			st.LastFailure, err = w.lastFailure(ctx)
		}
		return err
	})
	return st, err
}

// statusOf is what directory and history say of every version.
func statusOf(d *files.Directory, r *plan.Record) *Status {
	return &Status{HistoryExists: r.Exists, Findings: plan.Compare(d, r), Rows: plan.StatusRows(d, r), DirectoryWarnings: d.WarningsBeside(r.HoldsDown)}
}

// Pending is what Up would run now, in order, and nothing where all is applied.
// It takes no lock, and refuses what Up would refuse, with the same error.
func (r *Runner) Pending(ctx context.Context) ([]Action, error) {
	p, err := r.Plan(ctx, files.Up, UpRequest{})
	if err != nil {
		return nil, err
	}
	return p.Actions, nil
}

// Plan decides what up or down would run, without running it.
func (r *Runner) Plan(ctx context.Context, dir Direction, req UpRequest) (p *Plan, err error) {
	err = r.read(ctx, func(ctx context.Context, w *worker) error {
		if dir == files.Down {
			p, err = w.planning().planDown(ctx, req.Request)
		} else {
			p, err = w.planning().planUp(ctx, req)
		}
		if p != nil && err == nil {
			err = w.planning().estimate(ctx, p)
		}
		if p != nil {
			p.DirectoryWarnings = w.cfg.Dir.WarningsBeside(w.history.Rec.HoldsDown)
		}
		return err
	})
	return p, err
}

// WaitForServer connects, within the time that Wait says, and reads once.
func (r *Runner) WaitForServer(ctx context.Context) error {
	s, err := r.connect(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	return pgconn.LostIs(s.Exec(ctx, "SELECT 1"))
}
