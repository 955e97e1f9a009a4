package runner

import (
	"context"
	"fmt"
	"time"

	"rung/runner/internal/backfill"
	"rung/runner/internal/files"
	"rung/runner/internal/pgconn"
	"rung/runner/internal/plan"
	"rung/runner/internal/store"
)

// Tuning is what Tune changes of a backfill; nil leaves a value as it is.
type Tuning struct {
	// Rows is the size of the next batch; from there it follows the target again.
	Rows *int
	// Target is how long a batch should take, at least 1 ms.
	Target *time.Duration
	// Pause is the time between two batches.
	Pause *time.Duration
	// Workers is how many batches run at a time.
	Workers *int
}

// check refuses what no backfill can do.
func (t Tuning) check() error {
	switch {
	case t.Rows != nil && *t.Rows < 1, t.Workers != nil && *t.Workers < 1:
		return &plan.RefusalError{Reason: "a backfill needs at least 1 row a batch and 1 worker", Hint: "`rung pause` stops it"}
	case t.Target != nil && *t.Target < time.Millisecond:
		return &plan.RefusalError{Reason: "the target of a batch is at least 1 ms"}
	case t.Pause != nil && *t.Pause < 0:
		return &plan.RefusalError{Reason: "the pause between batches cannot be negative"}
	}
	return nil
}

// Pause lets a backfill rest, whichever session runs it: before its next batch,
// until Resume, across restarts too. Version may be nil if only one backfill
// runs. It returns how far that one is, or a *RefusalError if there is none.
func (r *Runner) Pause(ctx context.Context, version *Version) (*Progress, error) {
	paused := true
	return r.steer(ctx, "pause", version, &paused, Tuning{})
}

// Resume ends a pause. An Up that waits continues by itself; if none waits, call
// Up.
func (r *Runner) Resume(ctx context.Context, version *Version) (*Progress, error) {
	paused := false
	return r.steer(ctx, "resume", version, &paused, Tuning{})
}

// Tune changes how a backfill runs, from its next batch on and across restarts.
// It refuses values that no backfill can have with a *RefusalError.
func (r *Runner) Tune(ctx context.Context, version *Version, t Tuning) (*Progress, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	return r.steer(ctx, "tune", version, nil, t)
}

func (r *Runner) steer(ctx context.Context, action string, version *files.Version, paused *bool, t Tuning) (p *Progress, err error) {
	err = r.read(ctx, func(ctx context.Context, w *worker) error {
		p, err = w.backfills().one(ctx, version)
		if err != nil {
			return err
		}
		ms := func(d *time.Duration) any {
			if d == nil {
				return nil
			}
			return int(d.Milliseconds())
		}
		number := func(n *int) any {
			if n == nil {
				return nil
			}
			return *n
		}
		v := store.Values{
			"version": p.Version, "paused": nil, "rows": number(t.Rows), "target_ms": ms(t.Target), "pause_ms": ms(t.Pause),
			"workers": number(t.Workers), "action": action, "name": w.history.Rec.Find(p.Version).Name, "checksum": nil, "run": w.history.Run,
			"rung_version": w.history.RungVersion,
		}
		w.history.AddOrigin(v)
		log := "log"
		if w.history.Rec.Format < store.FormatOfScopes {
			log = "log_old"
		}
		h, err := w.backfills().workerOf(ctx, p.Version)
		if err != nil {
			return pgconn.LostIs(err)
		}
		if paused != nil {
			v["paused"] = fmt.Sprint(*paused)
			if p.Paused != *paused {
				p.Paused, p.By = *paused, ""
			}
		}
		if h.PID == 0 || p.Paused {
			p.Rate = 0 // nobody works on it
		}
		entries := w.history.SQL("control_set", w.history.Scoped(w.history.Rec, v))
		if paused != nil && !*paused {
			entries += w.backfills().resumeFailed(p.Version)
		}
		err = w.session.Conn.Exec(ctx, w.history.Begin("")+entries+w.history.SQL(log, v)+"COMMIT")
		return pgconn.LostIs(err)
	})
	return p, err
}

// awaitResume waits, holding neither lock nor transaction, until a paused
// backfill may go on.
func (w *worker) awaitResume(ctx context.Context, p *PausedError) error {
	for said := (time.Time{}); ; {
		c, err := backfill.ReadControl(ctx, w.session, p.Version)
		if cause := context.Cause(ctx); cause != nil {
			return &StoppedError{Where: p.Error(), Cause: cause}
		}
		if err != nil {
			return pgconn.LostIs(err)
		}
		if !c.Paused {
			return nil
		}
		if time.Since(said) >= time.Minute {
			said = time.Now()
			w.emit(Paused{Version: p.Version, Title: p.Title, Name: p.Name, By: c.By, Since: c.At})
		}
		if err := pgconn.NewBackoff(time.Second, time.Second).Sleep(ctx); err != nil {
			return &StoppedError{Where: p.Error(), Cause: err}
		}
	}
}
