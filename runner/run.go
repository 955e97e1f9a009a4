package runner

import (
	"context"
	"errors"
	"fmt"
	"time"

	"rung/runner/internal/files"
	"rung/runner/internal/lock"
	"rung/runner/internal/pgconn"
	"rung/runner/internal/store"
)

// inPlace is what is in place after what this run has done: the newest version,
// and how many there are.
func (w *worker) inPlace() (newest *files.Version, n int) {
	in := map[files.Version]bool{}
	if w.history.Rec != nil {
		for _, row := range w.history.Rec.Rows {
			in[row.Version] = true
		}
	}
	for _, d := range w.report.Done {
		in[d.Version] = d.Direction == files.Up
	}
	for v, there := range in {
		if !there {
			continue
		}
		if n++; newest == nil || newest.Compare(v) < 0 {
			newest = &v
		}
	}
	return newest, n
}

// work connects, reads the history, and with something to do takes the lock and
// does it. With nothing to do no lock is taken and nothing is created.
func (r *Runner) work(ctx context.Context, j job) (_ *Report, err error) {
	w, err := r.open(ctx, j.check, r.cfg.LockWait, reading{store.AtGlance, j.others})
	var damage *store.HistoryError
	if w != nil && j.fixes && errors.As(err, &damage) && damage.Fixable {
		err = w.restore(ctx)
	}
	if w != nil {
		defer func() { w.giveBack(err) }()
	}
	if err != nil {
		return &Report{}, notBegun(ctx, err)
	}
	start := time.Now()
	w.emit(RunStarted{Run: r.run, Server: w.session.Conn.Server, Database: w.session.Conn.Database, User: w.session.Conn.User})
	if err = w.finishJob(ctx, j); err == nil && j.end != nil {
		err = j.end(ctx, w)
	}
	w.report.Run = r.run
	w.report.At, w.report.InPlace = w.inPlace()
	w.emit(RunFinished{Run: r.run, Done: len(w.report.Done), Took: time.Since(start), Err: err})
	return w.report, err
}

// planMoved reports whether an error asks for another plan: nothing of this one is
// in place, or what it was asked for would be done more than once.
func (w *worker) planMoved(err error) bool {
	var stale *stalePlanError
	return errors.As(err, &stale) && len(w.report.Done) == 0
}

// finishJob does a job, and again from the history where another session has moved it
// or somebody pauses it.
func (w *worker) finishJob(ctx context.Context, j job) error {
	for moved := 0; ; {
		err := w.once(ctx, j)
		var paused *PausedError
		switch {
		case errors.As(err, &paused):
			if err := w.awaitResume(ctx, paused); err != nil {
				return err
			}
		case w.planMoved(err) && moved < mostMoves:
			moved++
		default:
			return err
		}
		if err := w.history.Read(ctx, w.session.Conn); err != nil {
			return notBegun(ctx, err)
		}
	}
}

// once is one go at a job.
func (w *worker) once(ctx context.Context, j job) error {
	work, err := j.plan(ctx, w)
	if w.history.Rec.Expects != nil && (err != nil || !work) {
		work, err = w.planAgain(ctx, j, store.AtGlance)
	}
	if err != nil || !work {
		return notBegun(ctx, err)
	}
	l, err := w.acquire(ctx, j)
	if err != nil || l == nil {
		return notBegun(ctx, err)
	}
	released := w.cfg.Sessions.held().took()
	defer func() { l.Release(); released() }()
	if err := w.secondSession(ctx); err != nil {
		return notBegun(ctx, err)
	}
	return w.locked(ctx, l, j)
}

// locked plans again, since another runner may have worked meanwhile, and works. Where
// the claim of the first file will look at the history, nothing is read before.
func (w *worker) locked(ctx context.Context, l *lock.Lock, j job) error {
	work, err := w.firstAnswer(ctx, j)
	if err != nil || !work {
		return notBegun(ctx, err)
	}
	w.session.Monitor = lock.NewMonitor(l, asEvents{w.emit}, w.session.Conn.PID, lock.NewShards(w.target(), w.session.Cluster.Node.Nodes))
	defer w.session.Monitor.Close()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stop, stopped := context.WithCancel(context.Background())
	over := make(chan struct{})
	go func() {
		defer close(over)
		if err := w.session.Monitor.Attend(stop, w.lookEvery()); err != nil {
			cancel(err)
		}
	}()
	defer func() { stopped(); <-over }()
	if err := w.ensureRecord(ctx); err != nil {
		return notBegun(ctx, err)
	}
	if err := w.session.Cluster.EnsureTwoPhase(ctx, w.session.Conn, w.session.Limits); err != nil {
		return notBegun(ctx, err)
	}
	if err := w.keepTexts(ctx, j); err != nil {
		return err
	}
	err = j.do(ctx, w)
	w.outcomes.logFailed(ctx, err)
	return err
}

// lookEvery is how often the monitor asks about a message in flight: often
// enough to see a blocker before the lock timeout is over.
func (w *worker) lookEvery() time.Duration {
	every := 250 * time.Millisecond
	if t := w.cfg.LockTimeout; t > 0 {
		every = min(every, max(t/4, 10*time.Millisecond))
	}
	return every
}

// firstAnswer plans under the lock, and says so where a pool gives one
// connection only: the lock's transaction has it, and the work would wait for ever.
func (w *worker) firstAnswer(ctx context.Context, j job) (bool, error) {
	held := w.cfg.Sessions.held()
	if w.history.Rec.Expects != nil && held.isRoomy() && w.session.Conn.PID != 0 {
		return true, nil
	}
	answered := held.asks()
	limited, cancel := context.WithTimeout(ctx, secondLimit)
	defer cancel()
	stop := context.AfterFunc(limited, func() {
		if ctx.Err() == nil {
			w.session.Conn.Cut()
		}
	})
	work, err := w.planAgain(ctx, j, w.cfg.Sessions.known().gate())
	if err == nil {
		answered()
	}
	if !stop() && err != nil && ctx.Err() == nil {
		return false, &files.HintedError{
			Err:  &pgconn.UnreachableError{Err: fmt.Errorf("no answer in %s beside the connection that holds the lock", secondLimit)},
			Hint: twoConnections,
		}
	}
	return work, err
}
