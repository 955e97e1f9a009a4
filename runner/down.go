package runner

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path"

	"rung/internal/pgtext"
	"rung/runner/internal/files"
	"rung/runner/internal/pgconn"
	"rung/runner/internal/plan"
	"rung/runner/internal/store"
)

// Down reverts what Request asks for, the newest first: with the zero Request
// the newest migration. The report tells how far it got, beside an error too.
func (r *Runner) Down(ctx context.Context, req Request) (*Report, error) {
	var plan *Plan
	return r.work(ctx, job{
		plan: func(ctx context.Context, w *worker) (bool, error) {
			p, err := w.planDown(ctx, req)
			plan, w.report.Plan = p, p
			return err == nil && len(p.Actions) > 0, err
		},
		do: func(ctx context.Context, w *worker) error { return w.applyAll(ctx, plan) },
	})
}

// planDown decides, and reads the recorded SQL where that is what runs.
func (w *worker) planDown(ctx context.Context, req Request) (*Plan, error) {
	p, err := PlanDown(w.cfg.Dir, w.rec, req)
	var refused *Refusal
	if err != nil && (p == nil || !errors.As(err, &refused)) {
		return &Plan{Direction: Down}, w.withDiffs(ctx, err)
	}
	// What the recorded SQL says of itself is one of the reasons, too.
	var stop plan.Obstacles
	for i := range p.Actions {
		a := &p.Actions[i]
		why := w.readRecorded(ctx, a)
		if why == nil && !a.FromRecord && refused != nil {
			_, why = plan.DownAction(w.cfg.Dir, w.rec, a.Row, req)
		}
		if stop.Add(*a, why); stop.Other != nil {
			return p, stop.Other
		}
	}
	if err := stop.Err(); err != nil {
		return &Plan{Direction: Down}, err
	}
	return p, nil
}

// readRecorded gives an action the down SQL that the history kept.
func (w *worker) readRecorded(ctx context.Context, a *Action) error {
	if !a.FromRecord {
		return nil
	}
	shown := fmt.Sprintf("the recorded %s_%s.down.sql", a.Version, a.Name)
	s, intact, err := w.recordedFile(ctx, a, shown)
	if err != nil {
		return err
	}
	if !intact {
		return &Disagreement{Findings: []Finding{w.tampered(*a)}}
	}
	a.Script = s
	if a.Resumed {
		a.Resume(a.Script, w.rec)
	}
	if len(a.Script.Problems) > 0 {
		return &BadFiles{Problems: a.Script.Problems}
	}
	return plan.CheckDown(*a)
}

// recordedFile is the file of an action as the history tables keep it. What they
// hold is code: it is intact, and may run, only where it is the text that was
// checksummed when it was recorded.
func (w *worker) recordedFile(ctx context.Context, a *Action, shown string) (s *Script, intact bool, err error) {
	text, err := w.recordedSQL(ctx, a.Version, a.Direction)
	if err != nil {
		return nil, false, err
	}
	s, err = files.RecordedScript(shown, text)
	if err != nil {
		return nil, false, err
	}
	checksum := &a.Row.UpChecksum
	if a.Direction == Down {
		checksum = a.Row.DownChecksum
	}
	return s, checksum != nil && s.Checksum == *checksum, nil
}

// tampered is a down SQL that was changed where it is kept.
func (w *worker) tampered(a Action) Finding {
	file := path.Join(w.cfg.Dir.Label, w.title(a)+".down.sql")
	return Finding{
		Kind: Tampered, Version: a.Version, Name: a.Name,
		What: fmt.Sprintf("the recorded down SQL of %s does not match its recorded checksum: somebody changed it in the history tables, so rung did not run it", w.title(a)),
		Fix:  fmt.Sprintf("find out who changed %s.migrations; then add the reviewed %s and run `rung down --file`, or restore the row from a backup", pgtext.Ident(w.book.Schema), file),
	}
}

// recordedSQL reads the text that the history keeps of a version's file.
func (w *worker) recordedSQL(ctx context.Context, v Version, dir Direction) (text string, err error) {
	column := store.Fragment("up_sql")
	if dir == Down {
		column = "down_sql"
	}
	err = w.s.Query(ctx, w.book.SQL("recorded", store.Scoped(w.rec, store.Values{"column": column, "version": v})), func(rows *sql.Rows) error {
		return rows.Scan(&text)
	})
	return text, pgconn.LostIs(err)
}

// Redo reverts the newest migration and applies it again.
func (r *Runner) Redo(ctx context.Context, req Request) (*Report, error) {
	var down *Plan
	return r.work(ctx, job{
		plan: func(ctx context.Context, w *worker) (bool, error) {
			req.Steps, req.To = 1, nil
			p, err := w.planDown(ctx, req)
			down, w.report.Plan = p, p
			if err == nil && len(p.Actions) > 0 {
				err = w.mustHaveUp(p.Actions[0])
			}
			return err == nil && len(p.Actions) > 0, err
		},
		do: func(ctx context.Context, w *worker) error {
			if err := w.applyAll(ctx, down); err != nil {
				return err
			}
			m := w.cfg.Dir.Find(down.Actions[0].Version)
			return w.applyOne(ctx, Action{Direction: Up, Version: m.Version, Name: m.Name, Script: m.Up, Migration: m, Below: down.Actions[0].Below})
		},
	})
}

func (w *worker) mustHaveUp(a Action) error {
	if m := w.cfg.Dir.Find(a.Version); m == nil || m.Up == nil {
		return &Refusal{Reason: fmt.Sprintf("%s is the newest, and %s has no up file to apply it again", w.title(a), w.cfg.Dir.Label), Hint: "`rung down` alone runs the recorded SQL"}
	}
	again := &Plan{Actions: []Action{{Direction: Up, Script: w.cfg.Dir.Find(a.Version).Up, Migration: w.cfg.Dir.Find(a.Version)}}}
	return again.BadFiles(nil)
}
