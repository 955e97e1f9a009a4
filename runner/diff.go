package runner

import (
	"context"
	"errors"

	"github.com/aymanbagabas/go-udiff"
)

// withDiffs adds, to each finding of an edited file, the diff from what was
// recorded to what the file says now.
func (w *worker) withDiffs(ctx context.Context, err error) error {
	var d *Disagreement
	if !errors.As(err, &d) {
		return err
	}
	for i := range d.Findings {
		if e := w.addDiff(ctx, &d.Findings[i]); e != nil {
			return e
		}
	}
	return err
}

func (w *worker) addDiff(ctx context.Context, f *Finding) error {
	row, m := w.rec.Find(f.Version), w.cfg.Dir.Find(f.Version)
	var s *Script
	var dir Direction
	switch {
	case m == nil || row == nil:
		return nil
	case f.Kind == EditedUp && row.HasUpSQL && m.Up.Size <= upTextLimit:
		s, dir = m.Up, Up
	case f.Kind == EditedDown && row.HasDownSQL:
		s, dir = m.Down, Down
	default:
		return nil
	}
	recorded, err := w.recordedSQL(ctx, f.Version, dir)
	if err != nil {
		return err
	}
	now, err := s.Text()
	if err != nil {
		return err
	}
	f.Diff = udiff.Unified("recorded", s.Path, recorded, now)
	return nil
}
