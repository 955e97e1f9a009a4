package backfill

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lib/pq"

	"rung/internal/script"
	"rung/runner/internal/exec"
	"rung/runner/internal/files"
	"rung/runner/internal/pgconn"
	"rung/runner/internal/plan"
)

// vacuumPart of the table is written between two VACUUMs. Each of them scans
// the whole index: at a tenth that cost a sixth of the backfill's time, and the
// table ended at 0.55 of one UPDATE's size; at a sixth it ends at 0.59
// (go run ./bench -only backfill).
const vacuumPart = 6

const (
	// vacuumConnect is how long to wait for a connection of its own: with a small
	// pool there may be none.
	vacuumConnect = time.Second
	// waitersEvery is how often to ask whether somebody waits for the table.
	waitersEvery = 100 * time.Millisecond
)

// vacuuming is the VACUUM of a backfill. It has a session of its own, so that the
// batches go on beside it; where there is no connection for that, it runs between
// two batches. One that is due waits for the one before, or dead rows would
// gather faster than they go.
type vacuuming struct {
	cfg  Config
	run  plan.StepRun
	walk *Walk
	// going ends with the run, batchCtx where the migration lock is lost.
	going, batchCtx context.Context

	starting sync.Mutex // one worker at a time starts one
	crowded  bool       // there is no connection for it
	running  atomic.Pointer[vacuumRun]

	mu      sync.Mutex // guards what follows
	rows    int64      // changed since the last one
	batches int        // since the last one
	// again: one was cancelled, and is due after the next batch.
	again   bool
	refused bool // once, and so the backfill goes on without
	runs    int  // that were done
}

// vacuumRun is a VACUUM beside the batches.
type vacuumRun struct {
	over    chan struct{}
	cancel  context.CancelFunc
	gaveWay atomic.Bool
}

// after counts a batch of so many rows, and reports whether one is due: after so many
// batches, or where every is 0 after a part of the table, which has so many keys. It
// counts anew when one is.
func (v *vacuuming) after(rows int64, every int, keys int64) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.rows, v.batches = v.rows+rows, v.batches+1
	due := false
	switch {
	case every == files.VacuumOff || !v.walk.mayVacuum || v.refused || v.leavesNone():
	case every > 0:
		due = v.again || v.batches >= every
	default:
		due = v.again || v.rows > 0 && v.rows*vacuumPart >= keys
	}
	if due {
		v.rows, v.batches, v.again = 0, 0, false
	}
	return due
}

// leavesNone reports whether the statements leave no dead rows.
func (v *vacuuming) leavesNone() bool {
	step := v.run.Step()
	return !slices.ContainsFunc(v.run.Script.Parsed.Statements[step.First:step.Last], func(st script.Statement) bool {
		return !slices.Contains([]string{"INSERT", "SELECT", "VALUES"}, files.Words(st.Words).At(0))
	})
}

// start starts one that is due, once the one before is over. Session x is the worker's.
func (v *vacuuming) start(x *exec.Session) error {
	v.starting.Lock()
	defer v.starting.Unlock()
	v.await()
	v.mu.Lock()
	refused := v.refused // that one
	v.mu.Unlock()
	if refused {
		return nil
	}
	s := v.connect()
	switch {
	case v.going.Err() != nil: // the run is to end
		if s != nil {
			s.Close()
		}
		return nil
	case s == nil:
		return exec.InRecord(v.run, v.vacuum(v.batchCtx, x.Conn))
	}
	ctx, cancel := context.WithCancel(v.batchCtx)
	r := &vacuumRun{over: make(chan struct{}), cancel: cancel}
	v.running.Store(r)
	go v.yield(r)
	go func() {
		defer close(r.over)
		defer cancel()
		defer s.Close()
		if v.vacuum(ctx, s) != nil {
			v.mu.Lock()
			v.again = r.gaveWay.Load()
			v.mu.Unlock()
		}
		v.running.Store(nil)
	}()
	return nil
}

// connect opens the session for it, or returns nil where there is none to be had.
func (v *vacuuming) connect() *pgconn.Session {
	if v.crowded {
		return nil
	}
	limited, cancel := context.WithTimeout(v.going, vacuumConnect)
	defer cancel()
	s, err := connectThrough(limited, v.cfg.Conn)
	if err != nil {
		v.crowded = v.going.Err() == nil
		return nil
	}
	return s
}

// vacuum makes the space of the dead rows free for the rows to come. It waits
// for no lock, and does not cut the table's end off, which would need a strong
// one. Where it fails, the backfill goes on without. The error is that of a
// session that is lost or was cancelled.
func (v *vacuuming) vacuum(ctx context.Context, s *pgconn.Session) error {
	start, path := time.Now(), v.run.Script.Path
	err := s.Exec(ctx, "VACUUM (SKIP_LOCKED, TRUNCATE false) "+v.walk.qualified)
	switch {
	case pgconn.IsLost(err) || ctx.Err() != nil:
		return cmp.Or(err, ctx.Err())
	case err == nil:
		v.mu.Lock()
		v.runs++
		v.mu.Unlock()
		v.cfg.Says.Vacuumed(path, v.walk.table, time.Since(start))
	default:
		v.mu.Lock()
		v.refused = true
		v.mu.Unlock()
		line := v.run.Script.Pos(v.run.Step().First).Line
		v.cfg.Session.Says.Notice(path, line, &pq.Error{Severity: "WARNING", Message: fmt.Sprintf("VACUUM %s: %s; the backfill continues without it", v.walk.table, strings.TrimPrefix(err.Error(), "pq: "))})
	}
	return nil
}

// yield cancels a VACUUM when somebody waits for a lock on the table: the
// server does so with its own, and not with one that a session sent. It asks over
// the lock's session, as a batch may stand in line behind who waits.
func (v *vacuuming) yield(r *vacuumRun) {
	for {
		select {
		case <-r.over:
			return
		case <-time.After(waitersEvery):
		}
		waits, err := v.cfg.Session.Monitor.WaitersFor(v.walk.qualified)
		if err != nil {
			return // the monitor looks after the lock
		}
		if waits {
			r.gaveWay.Store(true)
			r.cancel()
			return
		}
	}
}

// await waits until the VACUUM that runs is over, or cancels it where the run ends.
func (v *vacuuming) await() {
	r := v.running.Load()
	if r == nil {
		return
	}
	select {
	case <-r.over:
	case <-v.going.Done():
		r.cancel()
		<-r.over
	}
}

// any reports whether there was one.
func (v *vacuuming) any() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.runs > 0
}
