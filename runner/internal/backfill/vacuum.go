package backfill

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lib/pq"

	"rung/internal/script"
	"rung/runner/internal/exec"
	"rung/runner/internal/files"
	"rung/runner/internal/pgconn"
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

// vacuumDue is called with the lock held, and counts anew when it is.
func (b *backfill) vacuumDue() bool {
	due := false
	switch n := b.opts.Vacuum; {
	case n == files.VacuumOff || !b.walk.mayVacuum || b.noVacuum || b.only("INSERT", "SELECT", "VALUES"): // which leave no dead rows
	case n > 0:
		due = b.vacuumAgain || b.batches >= n
	default:
		due = b.vacuumAgain || b.sinceVac > 0 && b.sinceVac*vacuumPart >= max(b.ledger.estimate, b.ledger.keys)
	}
	if due {
		b.sinceVac, b.batches, b.vacuumAgain = 0, 0, false
	}
	return due
}

// only reports whether the statements have no other verbs than those.
func (b *backfill) only(verbs ...string) bool {
	step := b.run.Step()
	return !slices.ContainsFunc(b.run.Script.Parsed.Statements[step.First:step.Last], func(st script.Statement) bool {
		return !slices.Contains(verbs, files.Words(st.Words).At(0))
	})
}

// vacuum starts one that is due, once the one before is over.
func (b *backfill) vacuum(x *exec.Session) error {
	v := &b.vac
	v.starting.Lock()
	defer v.starting.Unlock()
	b.awaitVacuum()
	b.mu.Lock()
	without := b.noVacuum // that one failed
	b.mu.Unlock()
	if without {
		return nil
	}
	s := b.connectVacuum()
	switch {
	case b.going.Err() != nil: // the run is to end
		if s != nil {
			s.Close()
		}
		return nil
	case s == nil:
		return exec.InRecord(b.run, b.vacuumOver(b.batchCtx, x.Conn))
	}
	ctx, cancel := context.WithCancel(b.batchCtx)
	r := &vacuumRun{over: make(chan struct{}), cancel: cancel}
	v.running.Store(r)
	go b.yieldVacuum(r)
	go func() {
		defer close(r.over)
		defer cancel()
		defer s.Close()
		if b.vacuumOver(ctx, s) != nil {
			b.mu.Lock()
			b.vacuumAgain = r.gaveWay.Load()
			b.mu.Unlock()
		}
		v.running.Store(nil)
	}()
	return nil
}

// connectVacuum opens the session for it, or returns nil where there is none to
// be had.
func (b *backfill) connectVacuum() *pgconn.Session {
	if b.vac.refused {
		return nil
	}
	limited, cancel := context.WithTimeout(b.going, vacuumConnect)
	defer cancel()
	s, err := connectThrough(limited, b.cfg.Conn)
	if err != nil {
		b.vac.refused = b.going.Err() == nil
		return nil
	}
	return s
}

// vacuumOver makes the space of the dead rows free for the rows to come. It waits
// for no lock, and does not cut the table's end off, which would need a strong
// one. Where it fails, the backfill goes on without. The error is that of a
// session that is lost or was cancelled.
func (b *backfill) vacuumOver(ctx context.Context, s *pgconn.Session) error {
	start := time.Now()
	err := s.Exec(ctx, "VACUUM (SKIP_LOCKED, TRUNCATE false) "+b.walk.qualified)
	switch {
	case pgconn.IsLost(err) || ctx.Err() != nil:
		return cmp.Or(err, ctx.Err())
	case err == nil:
		b.mu.Lock()
		b.vacuums++
		b.mu.Unlock()
		b.cfg.Says.Vacuumed(b.run.Script.Path, b.walk.table, time.Since(start))
	default:
		b.mu.Lock()
		b.noVacuum = true
		b.mu.Unlock()
		b.x.Says.Notice(b.run.Script.Path, b.line(), &pq.Error{Severity: "WARNING", Message: fmt.Sprintf("VACUUM %s: %s; the backfill continues without it", b.walk.table, strings.TrimPrefix(err.Error(), "pq: "))})
	}
	return nil
}

// yieldVacuum cancels a VACUUM when somebody waits for a lock on the table: the
// server does so with its own, and not with one that a session sent. It asks over
// the lock's session, as a batch may stand in line behind who waits.
func (b *backfill) yieldVacuum(r *vacuumRun) {
	for {
		select {
		case <-r.over:
			return
		case <-time.After(waitersEvery):
		}
		waits, err := b.x.Monitor.WaitersFor(b.walk.qualified)
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

// awaitVacuum waits until the VACUUM that runs is over.
func (b *backfill) awaitVacuum() {
	r := b.vac.running.Load()
	if r == nil {
		return
	}
	select {
	case <-r.over:
	case <-b.going.Done():
		r.cancel()
		<-r.over
	}
}

// endVacuum waits for the last one, or cancels it where the run has ended early.
func (b *backfill) endVacuum() {
	if b.err != nil {
		b.halt()
	}
	b.awaitVacuum()
}
