package runner

import (
	"context"
	"time"
)

// Status is what status shows: every version of directory and record.
type Status struct {
	Schema string
	// RecordExists is false before the first up.
	RecordExists bool
	Rows         []StatusRow
	// Running is who has the runner's lock, or nil.
	Running *Holder
	// Blockers are who is in the way of that one.
	Blockers []Blocker
	// Backfills are the batched steps that are begun and not done.
	Backfills []Progress
	Findings  []Finding
	// LastFailure is the newest attempt that failed and whose version has not
	// gone through since, or nil.
	LastFailure *LogEntry
}

// StatusRow is one version.
type StatusRow struct {
	Version Version
	Title   string // as the file's name has it, where there is one
	Name    string
	// State is the record's, or "pending".
	State string
	// Missing is true when the directory lacks the file.
	Missing     bool
	Mode        Mode // "" when missing
	Steps       int
	StepsDone   int // of a version in part
	AppliedAt   time.Time
	AppliedBy   string
	Duration    time.Duration
	AdoptedFrom string
}

// Pending counts what up would run.
func (s *Status) Pending() int {
	n := 0
	for _, r := range s.Rows {
		if r.State == "pending" || r.State == string(Applying) {
			n++
		}
	}
	return n
}

// Status reads the record beside the directory. It takes no lock and writes nothing.
func (r *Runner) Status(ctx context.Context) (*Status, error) {
	var st *Status
	err := r.read(ctx, func(ctx context.Context, w *worker) error {
		st = statusOf(w.cfg.Dir, w.rec)
		st.Schema = w.book.schema
		for i := range st.Findings {
			if err := w.addDiff(ctx, &st.Findings[i]); err != nil {
				return err
			}
		}
		h, err := w.s.holder(ctx, w.book)
		if err != nil {
			return lostIs(err)
		}
		if h.PID != 0 {
			st.Running = &h
			q := w.book.sql("waits", values{"user": h.User, "application": h.Application})
			if st.Blockers, err = w.s.blockers(ctx, q); err != nil {
				return lostIs(err)
			}
		}
		if st.Backfills, err = w.backfills(ctx); err != nil {
			return err
		}
		w.addNotes(st.Backfills)
		for i := range st.Backfills {
			if st.Running == nil || st.Backfills[i].Paused {
				st.Backfills[i].Rate = 0 // nobody works on it
			}
		}
		if w.rec.Exists {
			st.LastFailure, err = w.lastFailure(ctx)
		}
		return err
	})
	return st, err
}

// read connects, reads the record and asks nothing more of the database than f does.
func (r *Runner) read(ctx context.Context, f func(ctx context.Context, w *worker) error) error {
	w, err := r.open(ctx, nil, secondLimit, whole)
	if w != nil {
		defer func() { w.s.close() }()
	}
	if err != nil {
		return notBegun(ctx, err)
	}
	return notBegun(ctx, f(ctx, w))
}

// statusOf merges directory and record, in order of version.
func statusOf(d *Directory, r *Record) *Status {
	st := &Status{RecordExists: r.Exists, Findings: compare(d, r)}
	i, j := 0, 0
	for i < len(d.Migrations) || j < len(r.Rows) {
		switch c := compareHeads(d.Migrations[i:], r.Rows[j:]); {
		case c < 0:
			if m := d.Migrations[i]; m.Up != nil {
				st.Rows = append(st.Rows, StatusRow{Version: m.Version, Title: m.Title(), Name: m.Name, State: "pending", Mode: m.Up.Mode(), Steps: len(m.Up.Steps)})
			}
			i++
		case c > 0:
			st.Rows = append(st.Rows, recordedRow(&r.Rows[j], nil, r))
			j++
		default:
			st.Rows = append(st.Rows, recordedRow(&r.Rows[j], d.Migrations[i], r))
			i, j = i+1, j+1
		}
	}
	return st
}

// compareHeads orders two lists by their first versions; an empty one comes last.
func compareHeads(ms []*Migration, rows []AppliedRow) int {
	switch {
	case len(ms) == 0:
		return 1
	case len(rows) == 0:
		return -1
	}
	return ms[0].Version.Compare(rows[0].Version)
}

func recordedRow(row *AppliedRow, m *Migration, r *Record) StatusRow {
	s := StatusRow{
		Version: row.Version, Title: string(row.Version) + "_" + row.Name, Name: row.Name, State: string(row.State), Missing: m == nil || m.Up == nil,
		AppliedAt: row.AppliedAt, AppliedBy: row.AppliedBy, Duration: row.Duration,
	}
	if m != nil {
		s.Title = m.Title()
	}
	if row.AdoptedFrom != nil {
		s.AdoptedFrom = *row.AdoptedFrom
	}
	if !s.Missing {
		up := m.Up
		if row.State == Applying {
			up = up.stepByStep()
		}
		s.Mode, s.Steps = up.Mode(), len(up.Steps)
	}
	switch row.State {
	case Applying:
		s.StepsDone = doneSteps(r, row.Version, Up)
	case Reverting:
		s.Steps = 0 // of a recorded down file they are not counted here
		if m != nil && m.Down != nil {
			s.Steps = len(m.Down.stepByStep().Steps)
		}
		s.StepsDone = doneSteps(r, row.Version, Down)
	}
	return s
}

// Plan decides what up or down would run, without running it.
func (r *Runner) Plan(ctx context.Context, dir Direction, req UpRequest) (p *Plan, err error) {
	err = r.read(ctx, func(ctx context.Context, w *worker) error {
		if dir == Down {
			p, err = w.planDown(ctx, req.Request)
		} else {
			p, err = w.planUp(ctx, req)
		}
		return err
	})
	return p, err
}

// Validate compares the directory with the record: every finding, with diffs.
func (r *Runner) Validate(ctx context.Context) ([]Finding, error) {
	st, err := r.Status(ctx)
	if err != nil {
		return nil, err
	}
	return st.Findings, nil
}

// WaitForServer connects, within the time that Wait says, and reads once.
func (r *Runner) WaitForServer(ctx context.Context) error {
	s, err := r.connect(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	return lostIs(s.exec(ctx, "SELECT 1"))
}
