package runner

import (
	"context"
	"database/sql"
	"fmt"
	"path"

	"rung/internal/pgtext"
	"rung/runner/internal/files"
	"rung/runner/internal/pgconn"
	"rung/runner/internal/plan"
	"rung/runner/internal/store"
)

// readRecorded gives an action the down SQL that the history kept.
func (w *worker) readRecorded(ctx context.Context, a *plan.Action) error {
	if !a.FromRecord {
		return nil
	}
	shown := fmt.Sprintf("the recorded %s_%s.down.sql", a.Version, a.Name)
	s, intact, err := w.recordedFile(ctx, a, shown)
	if err != nil {
		return err
	}
	if !intact {
		return &plan.DisagreementError{Findings: []plan.Finding{w.tampered(*a)}}
	}
	a.Script = s
	if a.Resumed {
		a.Resume(a.Script, w.rec)
	}
	if len(a.Script.Problems) > 0 {
		return &files.BadFilesError{Problems: a.Script.Problems}
	}
	return plan.CheckDown(*a)
}

// recordedFile is the file of an action as the history tables keep it. What they
// hold is code: it is intact, and may run, only where it is the text that was
// checksummed when it was recorded.
func (w *worker) recordedFile(ctx context.Context, a *plan.Action, shown string) (s *files.Script, intact bool, err error) {
	text, err := w.recordedSQL(ctx, a.Version, a.Direction)
	if err != nil {
		return nil, false, err
	}
	s, err = files.RecordedScript(shown, text)
	if err != nil {
		return nil, false, err
	}
	checksum := &a.Row.UpChecksum
	if a.Direction == files.Down {
		checksum = a.Row.DownChecksum
	}
	return s, checksum != nil && s.Checksum == *checksum, nil
}

// tampered is a down SQL that was changed where it is kept.
func (w *worker) tampered(a plan.Action) plan.Finding {
	file := path.Join(w.cfg.Dir.Label, w.title(a)+".down.sql")
	return plan.Finding{
		Kind: plan.Tampered, Version: a.Version, Name: a.Name,
		What: fmt.Sprintf("the recorded down SQL of %s does not match its recorded checksum: somebody changed it in the history tables, so rung did not run it", w.title(a)),
		Fix:  fmt.Sprintf("find out who changed %s.migrations; then add the reviewed %s and run `rung down --file`, or restore the row from a backup", pgtext.Ident(w.book.Schema), file),
	}
}

// recordedSQL reads the text that the history keeps of a version's file.
func (w *worker) recordedSQL(ctx context.Context, v files.Version, dir files.Direction) (text string, err error) {
	column := store.Fragment("up_sql")
	if dir == files.Down {
		column = "down_sql"
	}
	err = w.s.Query(ctx, w.book.SQL("recorded", w.book.Scoped(w.rec, store.Values{"column": column, "version": v})), func(rows *sql.Rows) error {
		return rows.Scan(&text)
	})
	return text, pgconn.LostIs(err)
}
