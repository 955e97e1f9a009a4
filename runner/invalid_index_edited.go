package runner

import (
	"context"
	"fmt"

	"rung/runner/internal/files"
	"rung/runner/internal/pgconn"
	"rung/runner/internal/plan"
)

// A CREATE INDEX CONCURRENTLY that failed may have left an INVALID index: it is
// dropped at once, unless rung is killed first or a lock is in the way. When the
// fix then edits the statement, or takes it out, no step of the file would know
// the index for its own. The history still has the statement as it ran.

// stray is an INVALID index that step n of the recorded file has left.
type stray struct {
	n     int
	index newIndex
}

// strays finds them. Old is the action with the file as it ran.
func (w *worker) strays(ctx context.Context, a plan.Action) (old plan.Action, found []stray, err error) {
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
	s, intact, err := w.history.RecordedFile(ctx, w.s, &a, a.Script.Path)
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
		table, err := w.tableOf(ctx, old.At(n))
		if err != nil {
			return old, nil, err
		}
		indexes, err := w.newIndexes(ctx, old.At(n), table)
		if err != nil {
			return old, nil, err
		}
		for _, i := range indexes {
			if !i.valid {
				found = append(found, stray{n, i})
			}
		}
	}
	return old, found, nil
}

// dropStrays drops them, before the history goes by the fixed file.
func (w *worker) dropStrays(ctx context.Context, a plan.Action) error {
	old, found, err := w.strays(ctx, a)
	if err != nil {
		return w.interrupted(ctx, a, err)
	}
	for _, s := range found {
		if err := w.dropIndex(ctx, old.At(s.n), s.index); err != nil {
			return w.interrupted(ctx, a, &files.HintedError{
				Err:  fmt.Errorf("%s: drop the INVALID index %s, left by a statement that was edited since: %w", a.Script.Path, s.index.name, err),
				Hint: "run `rung " + string(a.Direction) + "` again, or DROP INDEX CONCURRENTLY " + s.index.name,
			})
		}
	}
	return nil
}

// interrupted is an error that comes before the steps of an action.
func (w *worker) interrupted(ctx context.Context, a plan.Action, err error) error {
	if ctx.Err() != nil {
		return w.stopped(ctx, a.At(a.FirstStep))
	}
	return pgconn.LostIs(err)
}
