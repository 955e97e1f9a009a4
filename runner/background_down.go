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
func (w *worker) revertAll(ctx context.Context, p *Plan) error {
	takeBack, err := w.stopWorkers(ctx, p)
	if err == nil {
		err = w.applyAll(ctx, p)
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
func (w *worker) stopWorkers(ctx context.Context, p *Plan) (takeBack func(), err error) {
	var paused []Version
	takeBack = func() {
		limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), lock.LookLimit)
		defer cancel()
		for _, v := range paused {
			_ = w.session.Conn.Exec(limited, w.book.Begin("")+w.book.SQL("background_unpause", store.Values{"version": v})+"COMMIT") // else `rung resume` does it
		}
	}
	for _, a := range p.Actions {
		if a.Row == nil || a.Row.State != InBackground {
			continue
		}
		c, err := backfill.ReadControl(ctx, w.session, a.Version)
		if err != nil {
			return takeBack, pgconn.LostIs(err)
		}
		if !c.Paused {
			v := store.Values{"version": a.Version, "paused": "true", "rows": nil, "target_ms": nil, "pause_ms": nil, "workers": nil}
			if err := w.session.Conn.Exec(ctx, w.book.Begin("")+w.book.SQL("control_set", w.book.Scoped(w.history.Rec, v))+"COMMIT"); err != nil {
				return takeBack, pgconn.LostIs(err)
			}
			paused = append(paused, a.Version)
		}
		if err := w.awaitWorker(ctx, a); err != nil {
			return takeBack, err
		}
	}
	return takeBack, nil
}

// awaitWorker waits until nobody has a backfill's lock. A batch that a worker without
// the lock has in flight is waited for by the claim.
func (w *worker) awaitWorker(ctx context.Context, a Action) error {
	start, said := time.Now(), time.Time{}
	for look := pgconn.NewBackoff(50*time.Millisecond, time.Second); ; {
		h, err := lock.HolderOf(ctx, w.session.Conn, w.history.OfBackground(a.Version))
		switch {
		case err != nil:
			return pgconn.LostIs(err)
		case h.PID == 0:
			return nil
		case time.Since(start) >= w.cfg.LockWait:
			return &LockTimeoutError{Holder: h.String(), Backfill: w.title(a)}
		case time.Since(said) >= pgconn.SayAgain:
			said = time.Now()
			w.emit(WaitingForLock{Holder: h, Waited: time.Since(start), Of: w.title(a)})
		}
		if look.Sleep(ctx) != nil {
			return &StoppedError{Where: w.title(a) + " is still applied, unchanged", Cause: context.Cause(ctx)}
		}
	}
}
