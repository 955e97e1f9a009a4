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
func (q planning) readRecorded(ctx context.Context, a *plan.Action) error {
	if !a.FromRecord {
		return nil
	}
	shown := fmt.Sprintf("the recorded %s_%s.down.sql", a.Version, a.Name)
	s, intact, err := q.history.RecordedFile(ctx, q.conn, a, shown)
	if err != nil {
		return err
	}
	if !intact {
		return &plan.DisagreementError{Findings: []plan.Finding{q.tampered(*a)}}
	}
	a.Script = s
	if a.Resumed {
		a.Resume(a.Script, q.history.Rec)
	}
	if len(a.Script.Problems) > 0 {
		return &files.BadFilesError{Problems: a.Script.Problems}
	}
	return plan.CheckDown(*a)
}

// tampered is a down SQL that was changed where it is kept.
func (q planning) tampered(a plan.Action) plan.Finding {
	file := path.Join(q.dir.Label, q.dir.Title(a.Version, a.Name)+".down.sql")
	return plan.Finding{
		Kind: plan.Tampered, Version: a.Version, Name: a.Name,
		What: fmt.Sprintf("the recorded down SQL of %s does not match its recorded checksum: somebody changed it in the history tables, so rung did not run it", q.dir.Title(a.Version, a.Name)),
		Fix:  fmt.Sprintf("find out who changed %s.migrations; then add the reviewed %s and run `rung down --file`, or restore the row from a backup", pgtext.Ident(q.history.Schema), file),
	}
}
