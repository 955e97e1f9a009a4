package runner

import (
	"context"
	"database/sql"
	"time"

	"rung/runner/internal/backfill"
	"rung/runner/internal/plan"
	"rung/runner/internal/store"
)

// register tries to leave the rest of a background file to work. Where its tables are
// empty, as in a fresh database, up runs it at once.
func (t *applying) register(ctx context.Context, run plan.StepRun) outcome {
	rows, err := backfill.Rows(ctx, t.w.session, run)
	if err == nil && rows == 0 {
		t.inline = true
		return t.try(ctx)
	}
	if err == nil {
		err = t.w.session.RegisterRest(ctx, run, rows)
	}
	var o outcome
	if err != nil {
		o = t.w.outcomes.failed(ctx, run, err)
		o.met = err
	} else {
		o = outcome{is: stepDone}
	}
	if o.is == stepDone {
		t.next, t.inStep, t.registered = len(t.a.Script.Steps), false, true
		t.rows = rows
	}
	return o
}

// estimate notes about how many rows the background backfills of a plan have. It asks
// for no more than PostgreSQL's own estimates, since a plan may be made at any time.
func (w *worker) estimate(ctx context.Context, p *Plan) error {
	for i := range p.Actions {
		a := &p.Actions[i]
		for n := a.FirstStep; a.Registers() && n < len(a.Script.Steps); n++ {
			b := a.Script.Steps[n].Batch
			if b == nil {
				continue
			}
			var rows int64
			err := w.askFirst(ctx, w.book.FilePath()+w.book.SQL("table_rows", store.Values{"table": b.Table}), func(r *sql.Rows) error { return r.Scan(&rows) })
			if err != nil {
				return err
			}
			a.Rows += rows
		}
	}
	return nil
}

// registered reports an action whose backfill is left to work.
func (w *worker) registered(a plan.Action, took time.Duration, rows int64) {
	done := Done{
		Direction: a.Direction, Version: a.Version, Title: w.title(a), Name: a.Name, File: a.Script.Path, Duration: took,
		Steps: len(a.Script.Steps), Registered: true, Rows: rows,
	}
	w.report.Done = append(w.report.Done, done)
	w.emit(Finished{done})
}
