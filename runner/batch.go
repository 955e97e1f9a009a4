package runner

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"rung/internal/english"
	"rung/runner/internal/pgconn"
	"rung/runner/internal/plan"
	"rung/runner/internal/store"
)

// backfill runs one batched step: it hands out batches along the key to its
// lanes, each a session with a batch at a time, until none is left.
type backfill struct {
	w    *worker
	run  plan.StepRun
	walk *keyWalk
	// ctx is that of the run. Its end lets a batch in flight finish: batchCtx
	// ends with it only where the migration lock is lost. Going ends with the
	// run, and when a lane fails.
	// Joining ends too when no batch is left that a further lane could take.
	ctx, batchCtx, going, joining context.Context
	halt                          context.CancelFunc

	mu       sync.Mutex // guards what follows
	todo     []span
	inHand   int // batches that were taken from there and are not committed
	opts     BatchOptions
	given    BatchOptions // before rung tune
	size     int
	ema      float64 // seconds a batch
	ledger   *ledger
	sinceVac int64 // rows changed since the last VACUUM
	batches  int   // since the last VACUUM
	began    time.Time
	walked   int64 // keys in this run
	throttle throttle
	vac      vacuuming
	vacuums  int       // of this run
	tunedAt  time.Time // of the last rung tune --rows that was heeded
	noVacuum bool      // it was refused once
	// vacuumAgain: one was cancelled, and is due after the next batch.
	vacuumAgain bool
	err         error
	lanes       sync.WaitGroup
	running     int // lanes beside the first, also those that wait for a connection
	working     int // those of them that have one
	// refusedAt is the number of workers for which there were not enough
	// connections, or 0.
	refusedAt int
}

// PausedError ends a run whose backfill is paused: nothing is held meanwhile.
type PausedError struct {
	Version Version
	Title   string // as the file's name has it
	Name    string
	By      string
	Since   time.Time
}

func (e *PausedError) Error() string {
	return fmt.Sprintf("%s is paused by %s since %s; `rung resume` continues it", e.Title, e.By, e.Since.Format(time.TimeOnly))
}

// batched runs a batched step from where the batch log says that it is.
func (w *worker) batched(ctx context.Context, run plan.StepRun) error {
	walk, err := w.newWalk(ctx, run)
	if err == nil {
		err = w.checkStatements(ctx, run, walk)
	}
	if err != nil {
		return err
	}
	if _, _, err := w.startStep(ctx, run, "NULL"); err != nil {
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
	if bad := (*BadFiles)(nil); errors.As(err, &bad) {
		return errors.Join(err, w.stepFailed(ctx, run)) // so that the file may be fixed
	}
	if err == nil {
		err = w.endStep(ctx, run)
	}
	if err == nil {
		w.backfilled(run.Action, b)
	}
	return err
}

// backfilled says what a backfill did, and what is odd about it.
func (w *worker) backfilled(a Action, b *backfill) {
	p := b.total()
	w.ended = append(w.ended, p)
	w.emit(BackfillDone{File: a.Script.Path, Line: b.line(), Progress: p})
}

// newBackfill notes the upper end, or takes it and the holes from an earlier run.
func (w *worker) newBackfill(ctx context.Context, run plan.StepRun, walk *keyWalk) (*backfill, error) {
	l, err := w.readLedger(ctx, run)
	switch {
	case err != nil:
		return nil, w.inRecord(ctx, run, err)
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
	v := w.values(run)
	v["batch_key"], v["upper_key"], v["estimate"] = walk.name(), l.upper, l.estimate
	v["key_types"], v["key_ids"] = store.Key(walk.identity.types), walk.identity.array()
	return w.inRecord(ctx, run, w.s.Exec(ctx, w.book.Begin("")+w.book.SQL("batch_range", v)+"COMMIT"))
}

// inRecord makes an error of the bookkeeping between two batches one that
// failed can settle, as it does those of the batches.
func (w *worker) inRecord(ctx context.Context, run plan.StepRun, err error) error {
	if err == nil {
		return nil
	}
	return &failure{err: err, sender: w.newSender(ctx, run), message: &pgconn.Message{}, statement: pgconn.MarkRecord}
}

func (b *backfill) inRecord(w *worker, err error) error { return w.inRecord(b.batchCtx, b.run, err) }

// work works until nothing is left, an error comes or the context ends.
func (b *backfill) work() error {
	batchCtx, cancel := context.WithCancelCause(context.WithoutCancel(b.ctx))
	defer cancel(nil)
	stop := context.AfterFunc(b.ctx, func() {
		if cause := context.Cause(b.ctx); errors.Is(cause, errLockLost) {
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
		err = &stoppedStep{}
	}
	if err != nil {
		b.w.batchNote = fmt.Sprintf("%s of step %d committed, %s changed", english.Count(b.ledger.batches, "batch"), b.run.Number(), english.Count(int(b.ledger.rows), "row"))
	}
	return err
}

// stoppedStep says that the context ended between two batches.
type stoppedStep struct{}

func (*stoppedStep) Error() string { return "stopped between two batches" }

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

// fail keeps the first error; the other lanes end after the batch they are at.
func (b *backfill) fail(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err == nil {
		b.err = err
	}
	b.halt()
}

// heed takes in what rung pause and rung tune ask, waits where the database
// asks for it, and keeps the number of lanes right.
func (b *backfill) heed(w *worker, number int) error {
	opts, err := b.controls(w)
	if err != nil {
		return err
	}
	if number == 0 {
		b.openLanes(opts.Workers)
	}
	return b.awaitReplicas(w, opts.MaxLag)
}

// controls takes in what is asked of the backfill; a pause ends the run.
func (b *backfill) controls(w *worker) (BatchOptions, error) {
	c, err := w.readControl(b.batchCtx, b.run.Version)
	if err != nil {
		return BatchOptions{}, b.inRecord(w, err)
	}
	if c.paused {
		return BatchOptions{}, &PausedError{Version: b.run.Version, Title: b.w.title(b.run.Action), Name: b.run.Name, By: c.by, Since: c.at}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.opts = c.over(b.given)
	if c.rows != nil && !c.rowsAt.Equal(b.tunedAt) {
		b.tunedAt, b.size, b.ema = c.rowsAt, b.opts.Rows, 0
	}
	return b.opts, nil
}

// one takes the next batch and runs it, again where it gives way. More is
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
