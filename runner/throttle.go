package runner

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"
)

// throttle remembers what the waits of a backfill need.
type throttle struct {
	tunedRows int
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

// rest pauses between batches, unless the run ends.
func (b *backfill) rest(d time.Duration) {
	if d <= 0 {
		return
	}
	select {
	case <-time.After(d):
	case <-b.ctx.Done():
	}
}

const lagEvery = 200 * time.Millisecond

// awaitReplicas waits while the slowest streaming replica is further behind
// than most. It holds no transaction meanwhile.
func (b *backfill) awaitReplicas(w *worker, most time.Duration) error {
	for most > 0 && b.ctx.Err() == nil && !b.failed() {
		lag, say, err := b.lag(w, most)
		if err != nil {
			return w.bookError(err)
		}
		if lag <= most {
			return nil
		}
		if say {
			w.emit(WaitingForReplica{File: b.a.Script.Path, Lag: lag, MaxLag: most})
		}
		b.rest(lagEvery)
		c, err := w.readControl(b.batchCtx, b.a.Version)
		if err != nil {
			return w.bookError(err)
		}
		if c.paused {
			return nil // the next look at the controls stops the run
		}
	}
	return nil
}

// lag is how long ago the server was where the slowest replica is now. Say is
// true when it is over the limit and time to tell.
func (b *backfill) lag(w *worker, most time.Duration) (lag time.Duration, say bool, err error) {
	var now float64
	var replayed *float64
	var at time.Time
	if err := w.s.query(b.batchCtx, w.book.sql("lag", nil), func(rows *sql.Rows) error { return rows.Scan(&now, &replayed, &at) }); err != nil {
		return 0, false, fmt.Errorf("ask for the replicas' lag: %w", err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	th := &b.throttle
	th.wal = append(th.wal, walSample{at, now})
	if replayed == nil || *replayed >= now {
		th.wal = th.wal[len(th.wal)-1:]
		return 0, false, nil
	}
	for len(th.wal) > 1 && th.wal[1].lsn <= *replayed {
		th.wal = th.wal[1:]
	}
	lag = at.Sub(th.wal[0].at)
	if say = lag > most && time.Since(th.said) >= sayAgain; say {
		th.said = time.Now()
	}
	return lag, say, nil
}

// vacuumDue is called with the lock held, and counts anew when it is.
func (b *backfill) vacuumDue() bool {
	due := false
	switch n := b.opts.Vacuum; {
	case n == VacuumOff || !b.walk.mayVacuum:
	case n > 0:
		due = b.batches >= n
	default:
		due = b.sinceVac > 0 && b.sinceVac*10 >= max(b.ledger.estimate, b.ledger.keys)
	}
	if due {
		b.sinceVac, b.batches = 0, 0
	}
	return due
}

// vacuum makes the space of the dead rows free for the rows to come. It waits
// for no lock, and does not cut the table's end off, which would need a strong
// one.
func (b *backfill) vacuum(w *worker) error {
	verb := words(b.a.Script.file.Statements[b.a.Script.Steps[b.n].Last-1].Words).at(0)
	if verb == "INSERT" || verb == "SELECT" {
		return nil // it leaves no dead rows in the key's table
	}
	start := time.Now()
	err := w.s.exec(b.batchCtx, "VACUUM (SKIP_LOCKED, TRUNCATE false) "+b.walk.qualified)
	if err != nil {
		return w.bookError(fmt.Errorf("vacuum %s: %w", b.walk.table, err))
	}
	w.emit(Vacuumed{File: b.a.Script.Path, Table: b.walk.table, Took: time.Since(start)})
	return b.estimateAgain(w)
}

// estimateAgain corrects the guess of the rows by what VACUUM has counted. The
// guess is for people: a lock in the way leaves it as it is.
func (b *backfill) estimateAgain(w *worker) error {
	v := w.values(b.a, b.n)
	v["table"] = b.walk.qualified
	var estimate int64
	err := w.s.query(b.batchCtx, w.book.sql("estimate", v), func(rows *sql.Rows) error { return rows.Scan(&estimate) })
	if err != nil {
		if pq.As(err, pqerror.LockNotAvailable) != nil {
			err = w.rollback(b.batchCtx, nil)
		}
		return w.bookError(err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ledger.estimate = max(estimate, b.ledger.keys)
	return nil
}

// awaitResume waits, holding neither lock nor transaction, until a paused
// backfill may go on.
func (w *worker) awaitResume(ctx context.Context, p *PausedError) error {
	for said := (time.Time{}); ; {
		c, err := w.readControl(ctx, p.Version)
		if err != nil {
			return lostIs(err)
		}
		if !c.paused {
			return nil
		}
		if time.Since(said) >= time.Minute {
			said = time.Now()
			w.emit(Paused{Version: p.Version, Name: p.Name, By: c.by, Since: c.at})
		}
		if err := newBackoff(time.Second, time.Second).sleep(ctx); err != nil {
			return &Stopped{Where: p.Error(), Cause: err}
		}
	}
}
