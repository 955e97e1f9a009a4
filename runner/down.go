package runner

import (
	"context"
	"database/sql"
	"fmt"
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
	if err != nil {
		return &Plan{Direction: Down}, w.withDiffs(ctx, err)
	}
	for i := range p.Actions {
		if err := w.readRecorded(ctx, &p.Actions[i]); err != nil {
			return p, err
		}
	}
	return p, nil
}

// readRecorded gives an action the down SQL that the record kept.
func (w *worker) readRecorded(ctx context.Context, a *Action) error {
	if !a.FromRecord {
		return nil
	}
	text, err := w.recordedSQL(ctx, a.Version, Down)
	if err != nil {
		return err
	}
	shown := fmt.Sprintf("the recorded %s_%s.down.sql", a.Version, a.Name)
	if a.Script, err = recordedScript(shown, text); err != nil {
		return err
	}
	if a.Resumed {
		a.resume(a.Script, w.rec)
	}
	if len(a.Script.problems) > 0 {
		return &BadFiles{a.Script.problems}
	}
	return checkDown(*a)
}

// recordedSQL reads the text that the record keeps of a version's file.
func (w *worker) recordedSQL(ctx context.Context, v Version, dir Direction) (text string, err error) {
	column := fragment("up_sql")
	if dir == Down {
		column = "down_sql"
	}
	err = w.s.query(ctx, w.book.sql("recorded", values{"column": column, "version": v}), func(rows *sql.Rows) error {
		return rows.Scan(&text)
	})
	return text, lostIs(err)
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
			return w.applyOne(ctx, Action{Direction: Up, Version: m.Version, Name: m.Name, Script: m.Up, migration: m, below: down.Actions[0].below}, &attempt{})
		},
	})
}

func (w *worker) mustHaveUp(a Action) error {
	if m := w.cfg.Dir.Find(a.Version); m == nil || m.Up == nil {
		return &Refusal{Reason: fmt.Sprintf("%s is the newest, and %s has no up file to apply it again", w.title(a), w.cfg.Dir.Label), Hint: "`rung down` alone works from the record"}
	}
	return nil
}
