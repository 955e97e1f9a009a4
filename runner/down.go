package runner

import (
	"context"
	"errors"
	"fmt"

	"rung/runner/internal/files"
	"rung/runner/internal/plan"
)

// Down reverts what Request asks for, the newest first: with the zero Request
// the newest migration. The report tells how far it got, beside an error too.
func (r *Runner) Down(ctx context.Context, req Request) (*Report, error) {
	var plan *plan.Plan
	return r.work(ctx, job{
		plan: func(ctx context.Context, w *worker) (bool, error) {
			p, err := w.planDown(ctx, req)
			plan, w.report.Plan = p, p
			return err == nil && len(p.Actions) > 0, err
		},
		do: func(ctx context.Context, w *worker) error { return w.revertAll(ctx, plan) },
	})
}

// planDown decides, and reads the recorded SQL where that is what runs.
func (w *worker) planDown(ctx context.Context, req plan.Request) (*plan.Plan, error) {
	p, err := plan.PlanDown(w.cfg.Dir, w.history.Rec, req)
	var refused *plan.RefusalError
	if err != nil && (p == nil || !errors.As(err, &refused)) {
		return &plan.Plan{Direction: files.Down}, w.withDiffs(ctx, err)
	}
	// What the recorded SQL says of itself is one of the reasons, too.
	var stop plan.Obstacles
	for i := range p.Actions {
		a := &p.Actions[i]
		why := w.readRecorded(ctx, a)
		if why == nil && !a.FromRecord && refused != nil {
			_, why = plan.DownAction(w.cfg.Dir, w.history.Rec, a.Row, req)
		}
		if stop.Add(*a, why); stop.Other != nil {
			return p, stop.Other
		}
	}
	if err := stop.Err(); err != nil {
		return &plan.Plan{Direction: files.Down}, err
	}
	return p, nil
}

// Redo reverts the newest migration and applies it again.
func (r *Runner) Redo(ctx context.Context, req Request) (*Report, error) {
	var down *plan.Plan
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
			if err := w.revertAll(ctx, down); err != nil {
				return err
			}
			m := w.cfg.Dir.Find(down.Actions[0].Version)
			return w.applyOne(ctx, plan.Action{Direction: files.Up, Version: m.Version, Name: m.Name, Script: m.Up, Migration: m, Below: down.Actions[0].Below})
		},
	})
}

func (w *worker) mustHaveUp(a plan.Action) error {
	if m := w.cfg.Dir.Find(a.Version); m == nil || m.Up == nil {
		return &plan.RefusalError{Reason: fmt.Sprintf("%s is the newest, and %s has no up file to apply it again", w.title(a), w.cfg.Dir.Label), Hint: "`rung down` alone runs the recorded SQL"}
	}
	again := &plan.Plan{Actions: []plan.Action{{Direction: files.Up, Script: w.cfg.Dir.Find(a.Version).Up, Migration: w.cfg.Dir.Find(a.Version)}}}
	return again.BadFilesError(nil)
}
