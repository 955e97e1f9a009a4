package backfill

import (
	"context"

	"rung/runner/internal/exec"
	"rung/runner/internal/plan"
)

// Rows is about how many rows the tables of the batches have, from the step on.
// What is wrong with the batches is said here, and not when work comes to them.
func Rows(ctx context.Context, x *exec.Session, run plan.StepRun) (rows int64, err error) {
	for i := run.Index; i < len(run.Script.Steps); i++ {
		at := run.At(i)
		if at.Step().Batch == nil {
			continue
		}
		n, err := rowsOf(ctx, x, at)
		if err != nil {
			return 0, err
		}
		rows += n
	}
	return rows, nil
}

// rowsOf is about how many rows the table of a batched step has; 0 is exact.
func rowsOf(ctx context.Context, x *exec.Session, run plan.StepRun) (rows int64, err error) {
	walk, err := newWalk(ctx, x, run)
	if err != nil {
		return 0, err
	}
	if err := walk.checkStatements(ctx, x); err != nil {
		return 0, err
	}
	upper, err := walk.end(ctx, x)
	if err != nil || upper == nil {
		return 0, err
	}
	rows, err = walk.count(ctx, x)
	return max(rows, 1), err
}
