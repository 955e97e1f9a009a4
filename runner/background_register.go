package runner

import (
	"context"
	"time"

	"rung/runner/internal/backfill"
	"rung/runner/internal/plan"
)

// register tries to leave the rest of a background file to work. Where its tables are
// empty, as in a fresh database, up runs it at once.
func (t *applying) register(ctx context.Context, run plan.StepRun) outcome {
	rows, err := backfill.Rows(ctx, t.ap.session, run)
	if err == nil && rows == 0 {
		t.inline = true
		return t.try(ctx)
	}
	if err == nil {
		err = t.ap.session.RegisterRest(ctx, run, rows)
	}
	var o outcome
	if err != nil {
		o = t.ap.outcomes.failed(ctx, run, err)
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

// leftToWork reports an action whose backfill is left to work.
func (t *applying) leftToWork(took time.Duration) {
	ap, a := t.ap, t.a
	done := Done{
		Direction: a.Direction, Version: a.Version, Title: ap.title(a), Name: a.Name, File: a.Script.Path, Duration: took,
		Steps: len(a.Script.Steps), Registered: true, Rows: t.rows,
	}
	ap.report.Done = append(ap.report.Done, done)
	ap.emit(Finished{done})
}
