package runner

import (
	"context"
	"errors"
	"fmt"
	"time"

	"rung/internal/english"
	"rung/runner/internal/exec"
	"rung/runner/internal/files"
	"rung/runner/internal/lock"
	"rung/runner/internal/pgconn"
	"rung/runner/internal/plan"
	"rung/runner/internal/store"
)

// batched runs a batched step from where the batch log says that it is.
func (w *worker) batched(ctx context.Context, run plan.StepRun) error {
	walk, err := w.newWalk(ctx, run)
	if err == nil {
		err = w.checkStatements(ctx, run, walk)
	}
	if err != nil {
		return err
	}
	if _, _, err := w.session.StartStep(ctx, run, "NULL"); err != nil {
		return err
	}
	b, err := w.newBackfill(ctx, run, walk)
	switch {
	case err != nil:
	case b.ledger.upper == nil:
		err = b.prepareOnly() // so that an empty table does not hide a mistake
	default:
		err = b.work()
		if err == nil {
			err = b.analyze()
		}
	}
	if bad := (*files.BadFilesError)(nil); errors.As(err, &bad) {
		return errors.Join(err, w.session.StepFailed(ctx, run)) // so that the file may be fixed
	}
	if err == nil {
		err = w.session.EndStep(ctx, run)
	}
	if err == nil {
		w.backfilled(run.Action, b)
	}
	return err
}

// backfilled says what a backfill did, and what is odd about it.
func (w *worker) backfilled(a plan.Action, b *backfill) {
	p := b.total()
	w.ended = append(w.ended, p)
	w.emit(BackfillDone{File: a.Script.Path, Line: b.line(), Progress: p})
}

// newBackfill notes the upper end, or takes it and the holes from an earlier run.
func (w *worker) newBackfill(ctx context.Context, run plan.StepRun, walk *keyWalk) (*backfill, error) {
	l, err := w.readLedger(ctx, run)
	switch {
	case err != nil:
		return nil, exec.InRecord(run, err)
	case !l.noted:
		err = w.note(ctx, run, walk, l)
	default:
		err = w.sameKey(run, walk, l)
	}
	if err != nil {
		return nil, err
	}
	b := &backfill{w: w, run: run, walk: walk, ctx: ctx, ledger: l, began: time.Now()}
	b.given = w.cfg.Batch.over(run.Step().Batch.BatchOptions)
	b.opts, b.size = b.given, b.given.Rows
	if l.upper != nil {
		b.todo, err = w.remaining(ctx, walk, l)
	}
	return b, err
}

// note writes the upper end down before the first batch.
func (w *worker) note(ctx context.Context, run plan.StepRun, walk *keyWalk, l *ledger) (err error) {
	if l.upper, err = w.end(ctx, run, walk); err != nil || l.upper == nil {
		return err
	}
	if l.estimate, err = w.count(ctx, walk); err != nil {
		return err
	}
	v := w.history.Values(run)
	v["batch_key"], v["upper_key"], v["estimate"] = walk.name(), l.upper, l.estimate
	v["key_types"], v["key_ids"] = store.Key(walk.identity.types), walk.identity.array()
	return exec.InRecord(run, w.session.Conn.Exec(ctx, w.book.Begin("")+w.book.SQL("batch_range", v)+"COMMIT"))
}

// work works until nothing is left, an error comes or the context ends.
func (b *backfill) work() error {
	batchCtx, cancel := context.WithCancelCause(context.WithoutCancel(b.ctx))
	defer cancel(nil)
	stop := context.AfterFunc(b.ctx, func() {
		if cause := context.Cause(b.ctx); errors.Is(cause, lock.ErrLost) {
			cancel(cause)
		}
	})
	defer stop()
	b.batchCtx = batchCtx
	b.going, b.halt = context.WithCancel(b.ctx)
	defer b.halt()
	var noMore context.CancelFunc
	b.joining, noMore = context.WithCancel(b.going)
	defer noMore()
	b.lane(b.w, 0)
	noMore()
	b.lanes.Wait()
	b.endVacuum()
	err := b.err
	// Without the lock, what a lane met is no news.
	if b.batchCtx.Err() != nil || err == nil && b.ctx.Err() != nil {
		err = &exec.Stopped{}
	}
	if err != nil {
		b.w.batchNote = fmt.Sprintf("%s of step %d committed, %s changed", english.Count(b.ledger.batches, "batch"), b.run.Number(), english.Count(int(b.ledger.rows), "row"))
	}
	return err
}

// lane takes batches until there are none. Lane 0 also opens the others.
func (b *backfill) lane(w *worker, number int) {
	for more := true; more && b.going.Err() == nil; {
		err := b.heed(w, number)
		if err == nil && b.going.Err() == nil {
			more, err = b.one(w, number)
		}
		if err != nil {
			b.fail(err)
		}
	}
}

// heed takes in what rung pause and rung tune ask, waits where the database
// asks for it, and keeps the number of lanes right.
func (b *backfill) heed(w *worker, number int) error {
	w.session.HeedTwoPhase(b.batchCtx)
	opts, err := b.controls(w)
	if err != nil {
		return err
	}
	if number == 0 {
		b.openLanes(opts.Workers)
	}
	return b.awaitReplicas(w, opts.MaxLag)
}

// one takes the next batch and runs it, again where it met a lock. More is
// false when there is none left, or this lane is one too many.
func (b *backfill) one(w *worker, number int) (more bool, err error) {
	var t *turn
	for bo, attempt := pgconn.NewBackoff(100*time.Millisecond, 5*time.Second), 1; ; attempt++ {
		var rows int64
		if err = nil; t == nil {
			if t, err = b.take(w, number); err == nil && t == nil {
				return false, nil
			}
		}
		if err == nil {
			if rows, err = b.try(w, t); err == nil {
				return true, b.committed(w, t, rows)
			}
		}
		if t, err = b.again(w, t, err, attempt); err != nil {
			return false, err
		}
		if bo.Sleep(b.going) != nil {
			return false, nil // nothing of the batch is in place
		}
	}
}
