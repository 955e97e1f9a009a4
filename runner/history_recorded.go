package runner

import (
	"context"
	"fmt"
	"path"

	"rung/internal/pgtext"
	"rung/runner/internal/files"
	"rung/runner/internal/plan"
)

// readRecorded gives an action the down SQL that the history kept.
func (w *worker) readRecorded(ctx context.Context, a *plan.Action) error {
	if !a.FromRecord {
		return nil
	}
	shown := fmt.Sprintf("the recorded %s_%s.down.sql", a.Version, a.Name)
	s, intact, err := w.history.RecordedFile(ctx, w.session.Conn, a, shown)
	if err != nil {
		return err
	}
	if !intact {
		return &plan.DisagreementError{Findings: []plan.Finding{w.tampered(*a)}}
	}
	a.Script = s
	if a.Resumed {
		a.Resume(a.Script, w.history.Rec)
	}
	if len(a.Script.Problems) > 0 {
		return &files.BadFilesError{Problems: a.Script.Problems}
	}
	return plan.CheckDown(*a)
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
