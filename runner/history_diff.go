package runner

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/aymanbagabas/go-udiff"
	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"rung/internal/secret"
	"rung/runner/internal/files"
	"rung/runner/internal/pgconn"
	"rung/runner/internal/plan"
	"rung/runner/internal/store"
)

// withDiffs adds, to each finding of an edited file, the diff from what was
// recorded to what the file says now.
func (q planning) withDiffs(ctx context.Context, err error) error {
	var d *plan.DisagreementError
	if !errors.As(err, &d) {
		return err
	}
	for i := range d.Findings {
		if e := q.addDiff(ctx, &d.Findings[i]); e != nil {
			return e
		}
	}
	return err
}

func (q planning) addDiff(ctx context.Context, f *plan.Finding) error {
	row, m := q.history.Rec.Find(f.Version), q.dir.Find(f.Version)
	var s *files.Script
	var dir files.Direction
	switch {
	case m == nil || row == nil:
		return nil
	case f.Kind == plan.EditedUp && m.Up.Secret || f.Kind == plan.EditedDown && m.Down.Secret:
		return nil
	case f.Kind == plan.EditedUp && row.HasUpSQL && m.Up.Size <= store.UpTextLimit:
		s, dir = m.Up, files.Up
	case f.Kind == plan.EditedDown && row.HasDownSQL:
		s, dir = m.Down, files.Down
	default:
		return nil
	}
	recorded, err := q.history.RecordedSQL(ctx, q.conn, f.Version, dir)
	if pq.As(err, pqerror.InsufficientPrivilege) != nil { // who may not read the SQL is told without it
		return pgconn.LostIs(q.conn.Exec(ctx, "ROLLBACK"))
	}
	if err != nil {
		return err
	}
	now, err := s.Text()
	if err != nil {
		return err
	}
	f.Diff, err = maskedDiff("recorded", s.Path, recorded, now)
	return err
}

// maskedDiff is a unified diff in which passwords are hidden. Masking keeps the
// lines, so the lines that differ are found in the texts as they are, or a new
// password would be no difference, and taken from the masked ones.
func maskedDiff(fromName, toName, from, to string) (string, error) {
	edits := udiff.Lines(from, to)
	old, new := lines(secret.Mask(from)), lines(secret.Mask(to))
	shift := 0 // of a line of from in to, by the edits so far
	for i, e := range edits {
		first, gone, come := len(lines(from[:e.Start])), len(lines(from[e.Start:e.End])), len(lines(e.New))
		start := len(strings.Join(old[:first], ""))
		edits[i] = udiff.Edit{
			Start: start, End: start + len(strings.Join(old[first:first+gone], "")),
			New: strings.Join(new[first+shift:first+shift+come], ""),
		}
		shift += come - gone
	}
	return udiff.ToUnified(fromName, toName, strings.Join(old, ""), edits, udiff.DefaultContextLines)
}

// lines are the lines of a text, with their ends; the last may have none.
func lines(text string) []string { return slices.Collect(strings.Lines(text)) }
