package plan

import (
	"time"

	"rung/runner/internal/files"
)

// StatusRow is one version.
type StatusRow struct {
	Version files.Version
	Title   string // as the file's name has it, where there is one
	Name    string
	// State is the history's, or "pending".
	State string
	// Missing is true when the directory lacks the file.
	Missing     bool
	Mode        files.Mode // "" when missing
	Steps       int
	StepsDone   int // of a version in part
	AppliedAt   time.Time
	AppliedBy   string
	Duration    time.Duration
	AdoptedFrom string
}

// Pending counts the versions that are pending or applied in part.
func Pending(rows []StatusRow) (n int) {
	for _, r := range rows {
		if r.State == "pending" || r.State == string(Applying) {
			n++
		}
	}
	return n
}

// StatusRows are the versions of directory and history, in order.
func StatusRows(d *files.Directory, r *Record) (all []StatusRow) {
	i, j := 0, 0
	for i < len(d.Migrations) || j < len(r.Rows) {
		switch c := compareHeads(d.Migrations[i:], r.Rows[j:]); {
		case c < 0:
			if m := d.Migrations[i]; m.Up != nil {
				all = append(all, StatusRow{Version: m.Version, Title: m.Title(), Name: m.Name, State: "pending", Mode: m.Up.Mode(), Steps: len(m.Up.Steps)})
			}
			i++
		case c > 0:
			all = append(all, recordedRow(&r.Rows[j], nil, r))
			j++
		default:
			all = append(all, recordedRow(&r.Rows[j], d.Migrations[i], r))
			i, j = i+1, j+1
		}
	}
	return all
}

// compareHeads orders two lists by their first versions; an empty one comes last.
func compareHeads(ms []*files.Migration, rows []AppliedRow) int {
	switch {
	case len(ms) == 0:
		return 1
	case len(rows) == 0:
		return -1
	}
	return ms[0].Version.Compare(rows[0].Version)
}

func recordedRow(row *AppliedRow, m *files.Migration, r *Record) StatusRow {
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
		if row.State == Applying || row.State == Background {
			up = up.StepByStep()
		}
		s.Mode, s.Steps = up.Mode(), len(up.Steps)
	}
	switch row.State {
	case Applying, Background:
		s.StepsDone = DoneSteps(r, row.Version, files.Up)
	case Reverting:
		s.Steps = 0 // of a recorded down file they are not counted here
		if m != nil && m.Down != nil {
			s.Steps = len(m.Down.StepByStep().Steps)
		}
		s.StepsDone = DoneSteps(r, row.Version, files.Down)
	}
	return s
}
