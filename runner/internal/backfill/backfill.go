// Package backfill runs a batched step: it walks over a key in batches, each of them a
// transaction with its row in the batch log, heeds what throttles and steers it, and
// resumes where an earlier run stopped.
package backfill

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

// Run runs a batched step from where the batch log says that it is. It returns
// what the backfill did, and where that did not end, in words how far it got.
func Run(ctx context.Context, cfg Config, run plan.StepRun) (p Progress, got string, err error) {
	x := cfg.Session
	walk, err := newWalk(ctx, x, run)
	if err == nil {
		err = walk.checkStatements(ctx, x)
	}
	if err != nil {
		return p, "", err
	}
	checkpoints := x.Checkpoints(run)
	if _, _, err := checkpoints.Start(ctx, "NULL"); err != nil {
		return p, "", err
	}
	b, err := newBackfill(ctx, cfg, run, walk)
	switch {
	case err != nil:
	case b.log.upper == nil:
		err = b.prepareOnly() // so that an empty table does not hide a mistake
	default:
		got, err = b.work()
		if err == nil {
			err = b.analyze()
		}
	}
	if bad := (*files.BadFilesError)(nil); errors.As(err, &bad) {
		return p, got, errors.Join(err, checkpoints.Failed(ctx)) // so that the file may be fixed
	}
	if err == nil {
		err = checkpoints.End(ctx)
	}
	if err == nil {
		p = b.total()
	}
	return p, got, err
}

// newBackfill notes the upper end, or takes it and the holes from an earlier run.
func newBackfill(ctx context.Context, cfg Config, run plan.StepRun, walk *Walk) (*backfill, error) {
	x := cfg.Session
	l, err := readLog(ctx, x, run)
	switch {
	case err != nil:
		return nil, exec.InRecord(run, err)
	case !l.noted:
		err = walk.note(ctx, x, l)
	default:
		err = walk.sameKey(l)
	}
	if err != nil {
		return nil, err
	}
	b := &backfill{cfg: cfg, x: x, run: run, walk: walk, ctx: ctx, log: l, began: time.Now()}
	b.vacuum = &vacuuming{cfg: cfg, run: run, walk: walk}
	b.given = cfg.Options(run.Step().Batch.BatchOptions)
	b.opts, b.size = b.given, b.given.Rows
	if l.upper != nil {
		b.todo, err = walk.remaining(ctx, x, l)
	}
	return b, err
}

// note writes the upper end down before the first batch.
func (k *Walk) note(ctx context.Context, x *exec.Session, l *batchLog) (err error) {
	if l.upper, err = k.end(ctx, x); err != nil || l.upper == nil {
		return err
	}
	if l.estimate, err = k.count(ctx, x); err != nil {
		return err
	}
	v := x.History.Values(k.Run)
	v["batch_key"], v["upper_key"], v["estimate"] = k.name(), l.upper, l.estimate
	v["key_types"], v["key_ids"] = store.Key(k.identity.types), k.identity.array()
	return exec.InRecord(k.Run, x.Conn.Exec(ctx, x.History.Begin("")+x.History.SQL("batch_range", v)+"COMMIT"))
}

// work works until nothing is left, an error comes or the context ends. Got says in
// words how far it came where that was not the end.
func (b *backfill) work() (got string, err error) {
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
	b.vacuum.going, b.vacuum.batchCtx = b.going, b.batchCtx
	var noMore context.CancelFunc
	b.joining, noMore = context.WithCancel(b.going)
	defer noMore()
	b.worker(b.x, 0)
	noMore()
	b.workers.Wait()
	if b.err != nil {
		b.halt() // the last VACUUM too
	}
	b.vacuum.await()
	err = b.err
	// Without the lock, what a worker met is no news.
	if b.batchCtx.Err() != nil || err == nil && b.ctx.Err() != nil {
		err = &exec.Stopped{}
	}
	if err != nil {
		got = fmt.Sprintf("%s of step %d committed, %s changed", english.Count(b.log.batches, "batch"), b.run.Number(), english.Count(int(b.log.rows), "row"))
	}
	return got, err
}

// worker takes batches until there are none. Worker 0 also opens the others.
func (b *backfill) worker(x *exec.Session, number int) {
	for more := true; more && b.going.Err() == nil; {
		err := b.heed(x, number)
		if err == nil && b.going.Err() == nil {
			more, err = b.one(x, number)
		}
		if err != nil {
			b.fail(err)
		}
	}
}

// heed takes in what rung pause and rung tune ask, waits where the database
// asks for it, and keeps the number of workers right.
func (b *backfill) heed(x *exec.Session, number int) error {
	x.Cluster.HeedTwoPhase(b.batchCtx, x.Conn)
	opts, err := b.controls(x)
	if err != nil {
		return err
	}
	if number == 0 {
		b.openWorkers(opts.Workers)
	}
	return b.awaitReplicas(x, opts.MaxLag)
}

// one takes the next batch and runs it, again where it met a lock. More is
// false when there is none left, or this worker is one too many.
func (b *backfill) one(x *exec.Session, number int) (more bool, err error) {
	var t *turn
	for bo, attempt := pgconn.NewBackoff(100*time.Millisecond, 5*time.Second), 1; ; attempt++ {
		var rows int64
		if err = nil; t == nil {
			if t, err = b.take(x, number); err == nil && t == nil {
				return false, nil
			}
		}
		if err == nil {
			if rows, err = b.try(x, t); err == nil {
				return true, b.committed(x, t, rows)
			}
		}
		if t, err = b.again(x, t, err, attempt); err != nil {
			return false, err
		}
		if bo.Sleep(b.going) != nil {
			return false, nil // nothing of the batch is in place
		}
	}
}
