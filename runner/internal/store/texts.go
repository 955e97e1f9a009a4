package store

import (
	"context"
	"database/sql"

	"rung/runner/internal/files"
	"rung/runner/internal/pgconn"
	"rung/runner/internal/plan"
)

// RecordedFile is the file of an action as the history tables keep it. What they
// hold is code: it is intact, and may run, only where it is the text that was
// checksummed when it was recorded.
func (h *History) RecordedFile(ctx context.Context, s *pgconn.Session, a *plan.Action, shown string) (f *files.Script, intact bool, err error) {
	text, err := h.RecordedSQL(ctx, s, a.Version, a.Direction)
	if err != nil {
		return nil, false, err
	}
	f, err = files.RecordedScript(shown, text)
	if err != nil {
		return nil, false, err
	}
	checksum := &a.Row.UpChecksum
	if a.Direction == files.Down {
		checksum = a.Row.DownChecksum
	}
	return f, checksum != nil && f.Checksum == *checksum, nil
}

// RecordedSQL reads the text that the history keeps of a version's file.
func (h *History) RecordedSQL(ctx context.Context, s *pgconn.Session, v files.Version, dir files.Direction) (text string, err error) {
	column := Fragment("up_sql")
	if dir == files.Down {
		column = "down_sql"
	}
	err = s.Query(ctx, h.SQL("recorded", h.Scoped(h.Rec, Values{"column": column, "version": v})), func(rows *sql.Rows) error {
		return rows.Scan(&text)
	})
	return text, pgconn.LostIs(err)
}
