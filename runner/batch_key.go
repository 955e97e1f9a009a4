package runner

import (
	"context"
	"fmt"

	"rung/internal/english"
	"rung/runner/internal/files"
	"rung/runner/internal/plan"
)

// sameKey refuses a key that is not the one which the batch log counts by.
func (w *worker) sameKey(run plan.StepRun, walk *keyWalk, l *ledger) error {
	if l.key != "" && l.key != walk.name() {
		return w.badKey(run, files.Problem{
			What: fmt.Sprintf("%s of it ran over %s, and now its key is %s", english.Count(l.batches, "batch"), l.key, walk.name()),
			Fix:  "restore the key, or revert the migration with `rung down` first",
		})
	}
	if what := l.identity.changed(walk.identity, l.copied); what != "" {
		return w.badKey(run, files.Problem{
			What: fmt.Sprintf("%s of it committed over %s: %s", english.Count(l.batches, "batch"), walk.name(), what),
			Fix:  "committed batches stay; restore the key, or revert the migration with `rung down` and apply it again",
		})
	}
	return nil
}

// spansLeft is what a half-run step has still to do, and along which key. With
// nothing noted yet that is all of the table: a nil span, and no key.
func (w *worker) spansLeft(ctx context.Context, run plan.StepRun) ([]*span, *keyWalk, error) {
	l, err := w.readLedger(ctx, run)
	if err != nil || !l.noted {
		return []*span{nil}, nil, err
	}
	k, err := w.newWalk(ctx, run)
	if err == nil {
		err = w.sameKey(run, k, l)
	}
	if err != nil {
		return nil, nil, err
	}
	todo, err := w.remaining(ctx, k, l)
	left := make([]*span, len(todo))
	for i := range todo {
		left[i] = &todo[i]
	}
	return left, k, err
}
