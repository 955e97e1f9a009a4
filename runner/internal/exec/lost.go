package exec

import (
	"context"
	"database/sql"
	"time"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"rung/runner/internal/files"
	"rung/runner/internal/pgconn"
	"rung/runner/internal/plan"
	"rung/runner/internal/store"
)

// Became is what the history says of a step whose answer was lost.
type Became int

const (
	NotInPlace Became = iota
	InPlace
	// InPlaceByOther: another run has put it in place.
	InPlaceByOther
)

// LostStep is a step whose answer was lost with the connection.
type LostStep struct {
	x   *Session
	run plan.StepRun
}

// Lost is a step whose answer was lost.
func (x *Session) Lost(run plan.StepRun) LostStep { return LostStep{x, run} }

// Settle opens a new session in place of the lost one and reads what became
// of the step. The old transaction may still run on the server, so the probe
// waits for it on the rows that the transaction writes: on the version's row,
// or, for the first step of an up, on the primary key itself.
func (l LostStep) Settle(ctx context.Context, connect func(context.Context) (*pgconn.Session, error)) (Became, error) {
	x := l.x
	s, err := connect(ctx)
	if err != nil {
		return 0, err
	}
	lost := x.Conn.PID
	x.Conn.Close()
	x.Conn = s
	if err := l.outlive(ctx, lost); err != nil {
		return 0, err
	}
	if x.Monitor != nil {
		x.Monitor.Process(s.PID)
	}
	for b := pgconn.NewBackoff(100*time.Millisecond, time.Second); ; {
		o, err := l.Probe(ctx)
		if pq.As(err, pqerror.LockNotAvailable, pqerror.TRDeadlockDetected) == nil {
			return o, err
		}
		if err := b.Sleep(ctx); err != nil {
			return 0, err
		}
	}
}

// outliveLimit is how long to wait for the end of a lost session.
const outliveLimit = 3 * time.Second

// outlive waits for a while until the server process of the lost session has
// ended. The last message may be with it and not begun yet, and then the history
// has nothing to wait on. Once it has begun, the history has: so there is no need
// to wait longer where a statement runs on, or behind a pooler, where the process
// works for others.
func (l LostStep) outlive(ctx context.Context, pid int) error {
	x := l.x
	q := x.History.SQL("session_there", store.Values{"pid": pid})
	for b, start := pgconn.NewBackoff(10*time.Millisecond, 200*time.Millisecond), time.Now(); time.Since(start) < outliveLimit; {
		var there bool
		if err := x.Conn.Query(ctx, q, func(rows *sql.Rows) error { return rows.Scan(&x.Conn.PID, &there) }); err != nil || !there {
			return err
		}
		if err := b.Sleep(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Probe asks once. Whatever it finds, it leaves nothing behind.
func (l LostStep) Probe(ctx context.Context) (Became, error) {
	x, run := l.x, l.run
	var state plan.State
	var step string
	v := x.History.Values(run)
	v["claim"] = store.Fragment("")
	claims := run.Direction == files.Up && run.Index == 0 && !run.Resumed && run.Step().Transactional()
	if claims {
		v["up_checksum"], v["down_checksum"], v["up_sql"], v["down_sql"], v["state"] = "", nil, nil, nil, string(plan.Applying)
		v["claim"] = store.Fragment(x.History.SQL("claim_up", v))
	}
	err := x.Conn.Query(ctx, x.History.SQL("probe", v), func(rows *sql.Rows) error { return rows.Scan(&state, &step) })
	if err != nil {
		_ = x.Conn.Exec(ctx, "ROLLBACK")
		// The claim's key is taken: the transaction that took it committed.
		if claims && pq.As(err, pqerror.UniqueViolation) != nil {
			return l.claimedBy(ctx)
		}
		return 0, err
	}
	done := step == "done"
	switch last := run.Last(); {
	case claims:
		done = false // the probe's own claim went through
	case run.Registers() && state == plan.Background:
		done = true
	case last && run.Direction == files.Down:
		done = state == ""
	case last:
		done = state == plan.Applied
	}
	if done {
		return InPlace, nil
	}
	return NotInPlace, nil
}

// claimedBy tells this run's claim from that of a runner which died: its session
// may have committed while this one's connection was lost.
func (l LostStep) claimedBy(ctx context.Context) (Became, error) {
	x := l.x
	o := InPlace
	q := x.History.SQL("recorded", x.History.Scoped(x.History.Rec, store.Values{"column": store.Fragment("run"), "version": l.run.Version}))
	err := x.Conn.Query(ctx, q, func(rows *sql.Rows) error {
		var run string
		err := rows.Scan(&run)
		if run != x.History.Run && !x.Together {
			o = InPlaceByOther
		}
		return err
	})
	return o, err
}

// SettleLimit is how long to look for the outcome after a lost connection: a
// server that crashed needs a moment to recover.
const SettleLimit = 30 * time.Second
