package backfill

import (
	"database/sql"
	"fmt"
	"time"

	"rung/runner/internal/exec"
	"rung/runner/internal/files"
	"rung/runner/internal/pgconn"
)

// rest pauses between two batches. Every second it heeds what is asked of the
// backfill, or a long pause could not be called off.
func (b *backfill) rest(x *exec.Session) error {
	for began := time.Now(); ; {
		b.mu.Lock()
		left := b.opts.Pause - time.Since(began)
		if len(b.todo) == 0 {
			left = 0
		}
		b.mu.Unlock()
		if left <= 0 || b.going.Err() != nil {
			return nil
		}
		b.wait(min(left, time.Second))
		if left > time.Second {
			if _, err := b.controls(x); err != nil {
				return err
			}
		}
	}
}

// wait waits, unless the run ends.
func (b *backfill) wait(d time.Duration) {
	select {
	case <-time.After(d):
	case <-b.going.Done():
	}
}

const lagEvery = 200 * time.Millisecond

// awaitReplicas waits while the slowest streaming replica is further behind
// than most. It holds no transaction meanwhile.
func (b *backfill) awaitReplicas(x *exec.Session, most time.Duration) error {
	for most > 0 && b.going.Err() == nil {
		lag, say, err := b.lag(x, most)
		if err != nil || lag <= most {
			return err
		}
		if say {
			b.cfg.Says.WaitingForReplica(b.run.Script.Path, lag, most)
		}
		b.wait(lagEvery)
		if _, err := b.controls(x); err != nil {
			return err
		}
	}
	return nil
}

// lag is how long ago the server was where the slowest replica is now. Say is
// true when it is over the limit and time to tell.
func (b *backfill) lag(x *exec.Session, most time.Duration) (lag time.Duration, say bool, err error) {
	var now float64
	var replayed *float64
	var hidden bool
	var at time.Time
	err = x.Conn.Query(b.batchCtx, x.History.SQL("lag", nil), func(rows *sql.Rows) error {
		return rows.Scan(&now, &replayed, &hidden, &at)
	})
	if err != nil {
		return 0, false, exec.InRecord(b.run, fmt.Errorf("ask for the replicas' lag: %w", err))
	}
	if hidden {
		return 0, false, &files.HintedError{
			Err:  fmt.Errorf("%s: max-lag: this role may not see how far the replicas are", b.run.Script.Path),
			Hint: "GRANT pg_monitor to it, or leave max-lag out",
		}
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
	if say = lag > most && time.Since(th.said) >= pgconn.SayAgain; say {
		th.said = time.Now()
	}
	return lag, say, nil
}

// analyze lets the server count anew after the last batch. A VACUUM reads only
// the pages that were written since the last one, and takes the others to be as
// full as the table was on average; so the server's number of rows sank with each
// of rung's. And what it knows of the column's values is of before the backfill.
func (b *backfill) analyze() error {
	if !b.vacuum.any() {
		return nil
	}
	err := b.x.Conn.Exec(b.ctx, "ANALYZE (SKIP_LOCKED) "+b.walk.qualified)
	if pgconn.IsLost(err) || b.ctx.Err() != nil {
		return exec.InRecord(b.run, err)
	}
	return nil // autovacuum will do it
}
