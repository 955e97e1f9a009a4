package backfill

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"rung/runner/internal/exec"
	"rung/runner/internal/files"
	"rung/runner/internal/plan"
)

// backfill runs one batched step: it hands out batches along the key to its
// workers, each a session with a batch at a time, until none is left.
type backfill struct {
	cfg  Config
	x    *exec.Session // of the first worker
	run  plan.StepRun
	walk *Walk
	// ctx is that of the run. Its end lets a batch in flight finish: batchCtx
	// ends with it only where the migration lock is lost. Going ends with the
	// run, and when a worker fails.
	// Joining ends too when no batch is left that a further worker could take.
	ctx, batchCtx, going, joining context.Context
	halt                          context.CancelFunc
	vacuum                        *vacuuming

	mu       sync.Mutex // guards what follows
	todo     []Span
	inHand   int // batches that were taken from there and are not committed
	opts     files.BatchOptions
	given    files.BatchOptions // before rung tune
	size     int
	ema      float64 // seconds a batch
	log      *batchLog
	began    time.Time
	walked   int64 // keys in this run
	throttle throttle
	tunedAt  time.Time // of the last rung tune --rows that was heeded
	err      error
	workers  sync.WaitGroup
	running  int // workers beside the first, also those that wait for a connection
	working  int // those of them that have one
	// refusedAt is the number of workers for which there were not enough
	// connections, or 0.
	refusedAt int
}

// fail keeps the first error; the other workers end after the batch they are at.
func (b *backfill) fail(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err == nil {
		b.err = err
	}
	b.halt()
}

// throttle remembers what the waits of a backfill need.
type throttle struct {
	// wal are past positions of the server's log, by which the age of what a
	// replica has replayed is told. pg_stat_replication.replay_lag would not
	// do: it stands still while replay is paused.
	wal  []walSample
	said time.Time
}

type walSample struct {
	at  time.Time
	lsn float64
}

// turn is one batch that a worker runs.
type turn struct {
	found
	span  Span // what it settles in the batch log
	size  int  // keys asked for
	began time.Time
}

func prepared(step files.Step, i int) string { return fmt.Sprintf("rung_batch_%d", i-step.First+1) }

func (b *backfill) arguments(t *turn) string {
	return strings.Join(append(b.walk.Literals(t.first), b.walk.Literals(t.last)...), ", ")
}

func (t *turn) String() string { return t.first.String() + " to " + t.last.String() }

func (b *backfill) line() int { return b.run.Script.Pos(b.run.Step().First).Line }

// progress is called with the lock held.
func (b *backfill) progress() Progress {
	p := Progress{
		Version: b.run.Version, Direction: b.run.Direction, Step: b.run.Number(), Batches: b.log.batches,
		Keys: b.log.keys, Rows: b.log.rows, Total: max(b.log.estimate, b.log.keys), Size: b.size,
	}
	if s := time.Since(b.began).Seconds(); s > 0 {
		p.Rate = float64(b.walked) / s
	}
	return p
}
