package runner

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// backfill runs one batched step: it hands out batches along the key to its
// lanes, each a session with a batch at a time, until none is left.
type backfill struct {
	w    *worker
	a    Action
	n    int
	walk *keyWalk
	// ctx is that of the run. Its end lets a batch in flight finish: batchCtx
	// ends with it only where the runner's lock is lost. Going ends with the
	// run, and when a lane fails.
	ctx, batchCtx, going context.Context
	halt                 context.CancelFunc

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
	tunedAt  time.Time // of the last rung tune --rows that was heeded
	noVacuum bool      // it was refused once
	err      error
	lanes    sync.WaitGroup
	running  int
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
	return fmt.Sprintf("%s is paused by %s since %s; `rung resume` lets it go on", e.Title, e.By, e.Since.Format(time.TimeOnly))
}

// batched runs a batched step from where the ledger says that it is.
func (w *worker) batched(ctx context.Context, a Action, n int) error {
	walk, err := w.newWalk(ctx, a, n)
	if err != nil {
		return err
	}
	if _, _, err := w.startStep(ctx, a, n, "NULL"); err != nil {
		return err
	}
	b, err := w.newBackfill(ctx, a, n, walk)
	if bad := (*BadFiles)(nil); errors.As(err, &bad) {
		return errors.Join(err, w.stepFailed(ctx, a, n)) // so that the file may be mended
	}
	if err != nil {
		return err
	}
	if b.ledger.upper == nil {
		err = b.prepareOnly() // so that an empty table does not hide a mistake
	} else {
		err = b.run()
	}
	if err != nil {
		return err
	}
	return w.endStep(ctx, a, n)
}

// newBackfill notes the upper end, or takes it and the holes from an earlier run.
func (w *worker) newBackfill(ctx context.Context, a Action, n int, walk *keyWalk) (*backfill, error) {
	l, err := w.readLedger(ctx, a, n)
	switch {
	case err != nil:
		return nil, w.inRecord(ctx, a, n, err)
	case !l.noted:
		err = w.note(ctx, a, n, walk, l)
	default:
		err = w.sameKey(a, n, walk, l)
	}
	if err != nil {
		return nil, err
	}
	b := &backfill{w: w, a: a, n: n, walk: walk, ctx: ctx, ledger: l, began: time.Now()}
	b.given = w.cfg.Batch.over(a.Script.Steps[n].Batch.BatchOptions)
	b.opts, b.size = b.given, b.given.Rows
	if l.upper != nil {
		b.todo, err = w.remaining(ctx, walk, l)
	}
	return b, err
}

// sameKey refuses a key that is not the one which the ledger counts by.
func (w *worker) sameKey(a Action, n int, walk *keyWalk, l *ledger) error {
	if l.key == "" || l.key == walk.name() {
		return nil
	}
	return w.badKey(a, n, Problem{
		What: fmt.Sprintf("%s of it ran over %s, and now its key is %s", count(l.batches, "batch"), l.key, walk.name()),
		Mend: "put the key back, or take the migration back with `rung down` first",
	})
}

// note writes the upper end down before the first batch.
func (w *worker) note(ctx context.Context, a Action, n int, walk *keyWalk, l *ledger) (err error) {
	if l.upper, err = w.end(ctx, a, n, walk); err != nil || l.upper == nil {
		return err
	}
	l.estimate = walk.estimate
	v := w.values(a, n)
	v["batch_key"], v["upper_key"], v["estimate"] = walk.name(), l.upper, l.estimate
	return w.inRecord(ctx, a, n, w.s.exec(ctx, w.book.begin("")+w.book.sql("batch_range", v)+"COMMIT"))
}

// inRecord makes an error of the bookkeeping between two batches one that
// failed can settle, as it does those of the batches.
func (w *worker) inRecord(ctx context.Context, a Action, n int, err error) error {
	if err == nil {
		return nil
	}
	return &failure{err: err, sender: w.newSender(ctx, a, n), message: &message{}, statement: markRecord}
}

func (b *backfill) inRecord(w *worker, err error) error { return w.inRecord(b.batchCtx, b.a, b.n, err) }

// run works until nothing is left, an error comes or the context ends.
func (b *backfill) run() error {
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
	b.lane(b.w, 0)
	b.lanes.Wait()
	err := b.err
	// Without the lock, what a lane met is no news.
	if b.batchCtx.Err() != nil || err == nil && b.ctx.Err() != nil {
		err = &stoppedStep{}
	}
	if err != nil {
		b.w.batchNote = fmt.Sprintf("%s of step %d committed, %s changed", count(b.ledger.batches, "batch"), b.n+1, count(int(b.ledger.rows), "row"))
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
		if err := b.openLanes(opts.Workers); err != nil {
			return err
		}
	}
	return b.awaitReplicas(w, opts.MaxLag)
}

// controls takes in what is asked of the backfill; a pause ends the run.
func (b *backfill) controls(w *worker) (BatchOptions, error) {
	c, err := w.readControl(b.batchCtx, b.a.Version)
	if err != nil {
		return BatchOptions{}, b.inRecord(w, err)
	}
	if c.paused {
		return BatchOptions{}, &PausedError{Version: b.a.Version, Title: b.w.title(b.a), Name: b.a.Name, By: c.by, Since: c.at}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.opts = c.over(b.given)
	if c.rows != nil && !c.rowsAt.Equal(b.tunedAt) {
		b.tunedAt, b.size, b.ema = c.rowsAt, b.opts.Rows, 0
	}
	return b.opts, nil
}

// openLanes starts as many lanes beside this one as are missing.
func (b *backfill) openLanes(wanted int) error {
	b.mu.Lock()
	missing := wanted - 1 - b.running
	b.mu.Unlock()
	for range max(missing, 0) {
		s, err := connect(b.batchCtx, b.w.cfg.Conn)
		if err != nil {
			return &Hinted{err, "a backfill needs a connection for each worker, and one for the lock"}
		}
		side := *b.w
		side.s = s
		side.attendant = &attendant{lock: b.w.attendant.lock, emit: b.w.emit}
		b.mu.Lock()
		b.running++
		number := b.running
		b.mu.Unlock()
		b.lanes.Add(1)
		go func() {
			defer b.lanes.Done()
			defer s.close()
			b.lane(&side, number)
			b.mu.Lock()
			b.running--
			b.mu.Unlock()
		}()
	}
	return nil
}

// one takes the next batch and runs it, again where it gives way. More is
// false when there is none left, or this lane is one too many.
func (b *backfill) one(w *worker, number int) (more bool, err error) {
	var t *turn
	for bo, attempt := newBackoff(100*time.Millisecond, 5*time.Second), 1; ; attempt++ {
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
		if bo.sleep(b.going) != nil {
			return false, nil // nothing of the batch is in place
		}
	}
}
