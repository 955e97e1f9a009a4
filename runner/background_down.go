package runner

import (
	"context"
	"time"

	"rung/runner/internal/backfill"
	"rung/runner/internal/lock"
	"rung/runner/internal/pgconn"
	"rung/runner/internal/store"
)

// revertAll runs a plan of down, once nobody works on what it reverts.
func (ap *applier) revertAll(ctx context.Context, p *Plan) error {
	takeBack, err := ap.stopWorkers(ctx, p)
	if err == nil {
		err = ap.applyAll(ctx, p)
	}
	if err != nil {
		takeBack()
	}
	return err
}

// stopWorkers ends the work on the background backfills that a plan reverts, between
// two batches: it pauses them, as `rung pause` does, and waits for LockWait until their
// locks are free. The returned function takes the pauses back of those that are still
// registered, where the plan failed.
func (ap *applier) stopWorkers(ctx context.Context, p *Plan) (takeBack func(), err error) {
	var paused []Version
	takeBack = func() {
		limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), lock.LookLimit)
		defer cancel()
		for _, v := range paused {
			_ = ap.session.Conn.Exec(limited, ap.history.Begin("")+ap.history.SQL("background_unpause", store.Values{"version": v})+"COMMIT") // else `rung resume` does it
		}
	}
	for _, a := range p.Actions {
		if a.Row == nil || a.Row.State != InBackground {
			continue
		}
		c, err := backfill.ReadControl(ctx, ap.session, a.Version)
		if err != nil {
			return takeBack, pgconn.LostIs(err)
		}
		if !c.Paused {
			v := store.Values{"version": a.Version, "paused": "true", "rows": nil, "target_ms": nil, "pause_ms": nil, "workers": nil}
			if err := ap.session.Conn.Exec(ctx, ap.history.Begin("")+ap.history.SQL("control_set", ap.history.Scoped(ap.history.Rec, v))+"COMMIT"); err != nil {
				return takeBack, pgconn.LostIs(err)
			}
			paused = append(paused, a.Version)
		}
		if err := ap.awaitWorker(ctx, a); err != nil {
			return takeBack, err
		}
	}
	return takeBack, nil
}

// awaitWorker waits until nobody has a backfill's lock. A batch that a worker without
// the lock has in flight is waited for by the claim.
func (ap *applier) awaitWorker(ctx context.Context, a Action) error {
	start, said := time.Now(), time.Time{}
	for look := pgconn.NewBackoff(50*time.Millisecond, time.Second); ; {
		h, err := lock.HolderOf(ctx, ap.session.Conn, ap.history.OfBackground(a.Version))
		switch {
		case err != nil:
			return pgconn.LostIs(err)
		case h.PID == 0:
			return nil
		case time.Since(start) >= ap.lockWait:
			return &LockTimeoutError{Holder: h.String(), Backfill: ap.title(a)}
		case time.Since(said) >= pgconn.SayAgain:
			said = time.Now()
			ap.emit(WaitingForLock{Holder: h, Waited: time.Since(start), Of: ap.title(a)})
		}
		if look.Sleep(ctx) != nil {
			return &StoppedError{Where: ap.title(a) + " is still applied, unchanged", Cause: context.Cause(ctx)}
		}
	}
}
