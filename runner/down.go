package runner

import (
	"context"

	"rung/runner/internal/files"
	"rung/runner/internal/plan"
)

// Down reverts what Request asks for, the newest first: with the zero Request
// the newest migration. The report tells how far it got, beside an error too.
func (r *Runner) Down(ctx context.Context, req Request) (*Report, error) {
	var plan *plan.Plan
	return r.work(ctx, job{
		plan: func(ctx context.Context, w *worker) (bool, error) {
			p, err := w.planning().planDown(ctx, req)
			plan, w.report.Plan = p, p
			return err == nil && len(p.Actions) > 0, err
		},
		do: func(ctx context.Context, w *worker) error { return w.applier.revertAll(ctx, plan) },
	})
}

// Redo reverts the newest migration and applies it again.
func (r *Runner) Redo(ctx context.Context, req Request) (*Report, error) {
	var down *plan.Plan
	return r.work(ctx, job{
		plan: func(ctx context.Context, w *worker) (bool, error) {
			req.Steps, req.To = 1, nil
			p, err := w.planning().planDown(ctx, req)
			down, w.report.Plan = p, p
			if err == nil && len(p.Actions) > 0 {
				err = w.planning().mustHaveUp(p.Actions[0])
			}
			return err == nil && len(p.Actions) > 0, err
		},
		texts: func(w *worker) []*files.Migration {
			return []*files.Migration{w.cfg.Dir.Find(down.Actions[0].Version)}
		},
		do: func(ctx context.Context, w *worker) error {
			m := w.cfg.Dir.Find(down.Actions[0].Version)
			if err := w.applier.revertAll(ctx, down); err != nil {
				return err
			}
			return w.applier.applyOne(ctx, plan.Action{Direction: files.Up, Version: m.Version, Name: m.Name, Script: m.Up, Migration: m, Below: down.Actions[0].Below})
		},
	})
}
