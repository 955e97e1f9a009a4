package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"rung/runner/internal/files"
	"rung/runner/internal/pgconn"
	"rung/runner/internal/plan"
)

// The history keeps the text of a file: of a down file so that it can run where the
// directory lacks it, of an up file for the diff. That of the database itself stands in
// its version's row. Where one history serves many schemas, each text is kept once for
// all of them, by its checksum, and stays when a schema reverts the version.

// UpTextLimit is the size to which the history keeps the up SQL.
const UpTextLimit = 1 << 20

// textsOf are the files of a migration of which the history keeps the text.
func textsOf(m *files.Migration) (kept []*files.Script) {
	if up := m.Up; up.Size <= UpTextLimit && !up.Secret && !up.Parsed.NotText {
		kept = append(kept, up)
	}
	if runnable(m.Down) && !m.Down.Secret {
		kept = append(kept, m.Down)
	}
	return kept
}

// runnable reports whether there is a down file without a problem: what is kept can run.
func runnable(down *files.Script) bool { return down != nil && len(down.Problems) == 0 }

// KeepTexts writes the texts of files that a scope is about to record, those that no
// other scope has brought. It commits at once: a scope that waited for another's
// transaction to end would not run beside it. Limits are the settings of a transaction
// that writes.
func (h *History) KeepTexts(ctx context.Context, s *pgconn.Session, texts []*files.Script, limits string) error {
	var checksums Key
	for _, f := range texts {
		checksums = append(checksums, f.Checksum)
	}
	var there []string
	err := s.Query(ctx, h.SQL("texts_there", Values{"checksums": checksums}), func(rows *sql.Rows) error {
		var checksum string
		err := rows.Scan(&checksum)
		there = append(there, checksum)
		return err
	})
	if err != nil {
		return pgconn.LostIs(err)
	}
	for _, f := range texts {
		if slices.Contains(there, f.Checksum) {
			continue
		}
		text, err := f.Text()
		if err != nil {
			return err
		}
		// A stricter isolation would not pass over what another scope commits meanwhile.
		entry := h.Begin("ISOLATION LEVEL READ COMMITTED") + limits + h.SQL("text", Values{"checksum": f.Checksum, "sql": text})
		if err := s.Exec(ctx, entry+"COMMIT"); err != nil {
			return fmt.Errorf("the text of %s: %w", f.Path, pgconn.LostIs(err))
		}
	}
	return nil
}

// ScopesTexts are the files of which a scope's history keeps the text elsewhere.
func (h *History) ScopesTexts(migrations []*files.Migration) (texts []*files.Script) {
	if h.Scope == "" {
		return nil
	}
	for _, m := range migrations {
		if m != nil { // of a version that the directory lacks, all is kept
			texts = append(texts, textsOf(m)...)
		}
	}
	return texts
}

// AppliedView is the SQL of the view that shows the versions without their texts, for
// tables of a form. Each form renders the same file: a column that a later one adds must
// depend on the form too, as hasText does.
func (b Book) AppliedView(form int) string {
	return b.SQL("applied_view", Values{"has_up_sql": b.hasText("up", form), "has_down_sql": b.hasText("down", form)})
}

// hasText is SQL: whether the text of a version's up or down file is kept, in tables of
// a form.
func (b Book) hasText(direction string, form int) Fragment {
	if form < FormatOfTexts {
		return Fragment(direction + "_sql IS NOT NULL")
	}
	return b.expression("has_text", Values{"direction": Fragment(direction)})
}

// textIn is SQL: that text, or NULL.
func (b Book) textIn(direction string, form int) Fragment {
	if form < FormatOfTexts || b.Scope == "" {
		return Fragment(direction + "_sql")
	}
	return b.expression("text_in", Values{"direction": Fragment(direction)})
}

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
	column := h.textIn(string(dir), h.Rec.Format)
	err = s.Query(ctx, h.SQL("recorded", h.Scoped(h.Rec, Values{"column": column, "version": v})), func(rows *sql.Rows) error {
		return rows.Scan(&text)
	})
	return text, pgconn.LostIs(err)
}
