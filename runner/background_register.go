package runner

import (
	"context"
	"database/sql"
	"time"

	"rung/runner/internal/plan"
	"rung/runner/internal/store"
)

// register tries to leave the rest of a background file to work. Where its tables are
// empty, as in a fresh database, up runs it at once.
func (t *applying) register(ctx context.Context, run plan.StepRun) outcome {
	rows, err := t.w.rowsToFill(ctx, run)
	if err == nil && rows == 0 {
		t.inline = true
		return t.try(ctx)
	}
	if err == nil {
		err = t.w.session.RegisterRest(ctx, run, rows)
	}
	var o outcome
	if err != nil {
		o = t.w.failed(ctx, run, err)
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

// rowsToFill is about how many rows the tables of the batches have, from the step on.
// What is wrong with the batches is said here, and not when work comes to them.
func (w *worker) rowsToFill(ctx context.Context, run plan.StepRun) (rows int64, err error) {
	for i := run.Index; i < len(run.Script.Steps); i++ {
		at := run.At(i)
		if at.Step().Batch == nil {
			continue
		}
		n, err := w.rowsOf(ctx, at)
		if err != nil {
			return 0, err
		}
		rows += n
	}
	return rows, nil
}

// rowsOf is about how many rows the table of a batched step has; 0 is exact.
func (w *worker) rowsOf(ctx context.Context, run plan.StepRun) (rows int64, err error) {
	walk, err := w.newWalk(ctx, run)
	if err != nil {
		return 0, err
	}
	if err := w.checkStatements(ctx, run, walk); err != nil {
		return 0, err
	}
	upper, err := w.end(ctx, run, walk)
	if err != nil || upper == nil {
		return 0, err
	}
	rows, err = w.count(ctx, walk)
	return max(rows, 1), err
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
