package backfill

import (
	"context"
	"fmt"

	"rung/internal/english"
	"rung/runner/internal/exec"
	"rung/runner/internal/files"
	"rung/runner/internal/plan"
)

// sameKey refuses a key that is not the one which the batch log counts by.
func (k *Walk) sameKey(l *batchLog) error {
	if l.key != "" && l.key != k.name() {
		return BadKey(k.Run, files.Problem{
			What: fmt.Sprintf("%s of it ran over %s, and now its key is %s", english.Count(l.batches, "batch"), l.key, k.name()),
			Fix:  "restore the key, or revert the migration with `rung down` first",
		})
	}
	if what := l.identity.changed(k.identity, l.copied); what != "" {
		return BadKey(k.Run, files.Problem{
			What: fmt.Sprintf("%s of it committed over %s: %s", english.Count(l.batches, "batch"), k.name(), what),
			Fix:  "committed batches stay; restore the key, or revert the migration with `rung down` and apply it again",
		})
	}
	return nil
}

// SpansLeft is what a half-run step has still to do, and along which key. With
// nothing noted yet that is all of the table: a nil span, and no key.
func SpansLeft(ctx context.Context, x *exec.Session, run plan.StepRun) ([]*Span, *Walk, error) {
	l, err := readLog(ctx, x, run)
	if err != nil || !l.noted {
		return []*Span{nil}, nil, err
	}
	k, err := newWalk(ctx, x, run)
	if err == nil {
		err = k.sameKey(l)
	}
	if err != nil {
		return nil, nil, err
	}
	todo, err := k.remaining(ctx, x, l)
	left := make([]*Span, len(todo))
	for i := range todo {
		left[i] = &todo[i]
	}
	return left, k, err
}
