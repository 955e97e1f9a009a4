package exec

import (
	"context"

	"rung/runner/internal/files"
	"rung/runner/internal/plan"
)

// A CREATE INDEX CONCURRENTLY that failed may have left an INVALID index: it is
// dropped at once, unless rung is killed first or a lock prevents it. When the
// fix then edits the statement, or takes it out, no step of the file would know
// the index for its own. The history still has the statement as it ran.

// Stray is an INVALID index that step n of the recorded file has left.
type Stray struct {
	N     int
	Index NewIndex
}

// Strays finds them. Old is the action with the file as it ran.
func (x *Session) Strays(ctx context.Context, a plan.Action) (old plan.Action, found []Stray, err error) {
	var edited []plan.StepMove
	for _, m := range a.Fit.Moves {
		if m.State == "failed" && m.Now != m.Was || m.To == 0 {
			edited = append(edited, m)
		}
	}
	kept := map[files.Direction]bool{files.Up: a.Row.HasUpSQL, files.Down: a.Row.HasDownSQL}
	if len(edited) == 0 || !kept[a.Direction] || a.FileOnly {
		return old, nil, nil
	}
	s, intact, err := x.History.RecordedFile(ctx, x.Conn, &a, a.Script.Path)
	if err != nil {
		return old, nil, err
	}
	if !intact {
		return old, nil, nil // who knows what it was
	}
	old = a
	old.Script, old.Fit = s.StepByStep(), nil
	for _, m := range edited {
		n := m.From - 1
		if n >= len(old.Script.Steps) || old.Script.Steps[n].Checksum != m.Was || old.Script.Steps[n].Verb == "" {
			continue
		}
		table, err := x.Earlier(old.At(n)).Table(ctx)
		if err != nil {
			return old, nil, err
		}
		indexes, err := x.Earlier(old.At(n)).Indexes(ctx, table)
		if err != nil {
			return old, nil, err
		}
		for _, i := range indexes {
			if !i.Valid {
				found = append(found, Stray{n, i})
			}
		}
	}
	return old, found, nil
}
