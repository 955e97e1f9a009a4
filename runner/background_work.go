package runner

import (
	"context"
	"errors"
	"time"

	"rung/internal/secret"
	"rung/runner/internal/files"
	"rung/runner/internal/lock"
	"rung/runner/internal/pgconn"
	"rung/runner/internal/plan"
	"rung/runner/internal/store"
)

// WorkRequest is what work is asked to do.
type WorkRequest struct {
	// Versions are those whose backfills are run. Defaults to all that are registered.
	Versions []Version
	// Once makes one attempt at each. Defaults to as many as it takes until it is done
	// or has failed, with growing pauses.
	Once bool
	// Watch looks again after so long when there is nothing to do. Defaults to ending.
	Watch time.Duration
	// MaxTime ends the work between two batches after so long. Defaults to no limit.
	MaxTime time.Duration

	// pauses are those before another attempt. Defaults to plan.WorkPauses.
	pauses []time.Duration
}

// ErrMaxTime is the cause of the end of a work whose time was over.
var ErrMaxTime = errors.New("the time of --max-time is over")

// errReverted says that a version is reverted while its backfill was to run.
var errReverted = errors.New("its version is being reverted, or has been")

// Work runs the background backfills that up has registered, in order of version. Any
// number of workers may run at once: each backfill has one at a time. The error is that
// of the last attempt at each that failed; the report tells what is left, too.
func (r *Runner) Work(ctx context.Context, req WorkRequest) (*Report, error) {
	if req.MaxTime > 0 {
		limited, cancel := context.WithTimeoutCause(ctx, req.MaxTime, ErrMaxTime)
		defer cancel()
		ctx = limited
	}
	if req.pauses == nil {
		req.pauses = plan.WorkPauses
	}
	k := &working{r: r, req: req, report: &Report{Run: r.run}, failed: map[files.Version]error{}, left: map[files.Version]bool{}}
	start := time.Now()
	err := k.run(ctx)
	if stopped := (*StoppedError)(nil); errors.As(err, &stopped) && errors.Is(stopped.Cause, ErrMaxTime) {
		err = nil
	}
	if err == nil {
		err = k.failure()
	}
	if k.said {
		r.emit(RunFinished{Run: r.run, Done: len(k.report.Done), Took: time.Since(start), Err: err})
	}
	return k.report, err
}

// working is a run of work.
type working struct {
	r      *Runner
	req    WorkRequest
	report *Report
	// failed are the errors of the last attempts, and left the versions that this run
	// has no more to do with: done, failed, or another's.
	failed map[files.Version]error
	left   map[files.Version]bool
	said   bool // which database it is
}

// run takes one backfill after the other until none is left.
func (k *working) run(ctx context.Context) error {
	answered, again := time.Now(), pgconn.NewBackoff(100*time.Millisecond, 30*time.Second)
	for {
		next, wait, err := k.next(ctx)
		if err == nil {
			answered, again = time.Now(), pgconn.NewBackoff(100*time.Millisecond, 30*time.Second)
			if next != nil {
				err = k.work(ctx, *next)
			}
		}
		unreachable := (*pgconn.UnreachableError)(nil)
		switch {
		case ctx.Err() != nil:
			return k.stopped(ctx, err)
		case errors.As(err, &unreachable) && k.mayReturn(answered):
			k.r.emit(WaitingForServer{Err: err, Left: reconnectLimit - time.Since(answered)})
			err = again.Sleep(ctx)
		case err != nil || next == nil && wait == 0:
			return err
		case next == nil:
			err = pgconn.NewBackoff(wait, wait).Sleep(ctx)
		}
		if err != nil {
			return k.stopped(ctx, err)
		}
	}
}

// reconnectLimit is how long work waits for a server that was there before, as for a
// standby that takes its place. One that watches waits for ever.
const reconnectLimit = 10 * time.Minute

// mayReturn reports whether a server that was lost is waited for.
func (k *working) mayReturn(answered time.Time) bool {
	return k.req.Watch > 0 || k.said && time.Since(answered) < reconnectLimit
}

// stopped is how a run ends whose context has ended.
func (k *working) stopped(ctx context.Context, err error) error {
	if stopped := (*StoppedError)(nil); errors.As(err, &stopped) {
		return err
	}
	return &StoppedError{Where: "no backfill was running", Cause: context.Cause(ctx)}
}

// next reads the history and chooses the backfill to take, or how long to wait for one:
// 0 where nothing is left to do.
func (k *working) next(ctx context.Context) (next *Background, wait time.Duration, err error) {
	err = k.r.read(ctx, func(ctx context.Context, w *worker) error {
		if !k.said {
			k.said = true
			w.emit(RunStarted{Run: k.r.run, Server: w.session.Conn.Server, Database: w.session.Conn.Database, User: w.session.Conn.User})
		}
		if err := k.mustKnow(w); err != nil {
			return err
		}
		all, err := w.backfills().backgrounds(ctx)
		if err != nil {
			return err
		}
		k.report.Background = all
		w.emit(Queue{Background: all})
		next, wait = k.choose(all)
		return nil
	})
	return next, wait, err
}

// mustKnow refuses versions that are no background backfill.
func (k *working) mustKnow(w *worker) error {
	for _, v := range k.req.Versions {
		m, row := w.cfg.Dir.Find(v), w.history.Rec.Find(v)
		switch {
		case row != nil && row.State == plan.Background:
		case m == nil && row == nil:
			return &plan.RefusalError{Reason: "there is no version " + string(v) + " in " + w.cfg.Dir.Label, Hint: "`rung status` lists them"}
		case m != nil && m.Up != nil && !m.Up.Background:
			return &plan.RefusalError{Reason: m.Up.Path + " has no background backfill: it does not say `-- rung:background`"}
		case row == nil:
			return &plan.RefusalError{Reason: "the backfill of version " + string(v) + " is not registered yet", Hint: "`rung up` does that"}
		}
	}
	return nil
}

// choose takes the first backfill that can be worked on now. Those of others, paused
// ones and those that have failed are left, and looked at again where work watches.
func (k *working) choose(all []Background) (next *Background, wait time.Duration) {
	for i := range all {
		b := &all[i]
		switch {
		case k.left[b.Version] || !k.asked(b.Version):
		case b.Worker != nil && b.run == k.r.run: // a session that was lost, and that the server has not missed yet
			wait = shorter(wait, time.Second)
		case b.Paused || b.Worker != nil:
			k.pass(b)
		case k.failed[b.Version] == nil && b.State == plan.BackfillFailed:
			return b, 0
		case b.rest > 0 && k.req.Once:
			k.pass(b)
		case b.rest > 0:
			wait = shorter(wait, b.rest)
		default:
			return b, 0
		}
	}
	if k.req.Watch > 0 {
		wait = shorter(wait, k.req.Watch)
		for _, b := range all { // a person has resumed it, or who had it has gone
			if b.State != plan.BackfillFailed && !b.Paused {
				delete(k.left, b.Version)
			}
		}
	}
	return nil, wait
}

func shorter(a, b time.Duration) time.Duration {
	if a == 0 {
		return b
	}
	return min(a, b)
}

func (k *working) asked(v files.Version) bool {
	for _, of := range k.req.Versions {
		if of == v {
			return true
		}
	}
	return len(k.req.Versions) == 0
}

// pass leaves a backfill to others, and says why.
func (k *working) pass(b *Background) {
	if k.req.Watch == 0 {
		k.left[b.Version] = true
	}
	k.r.emit(Passed{*b})
}

// work makes one attempt at a backfill. The error is one that ends the run.
func (k *working) work(ctx context.Context, b Background) error {
	report, err := k.r.workOn(ctx, b.Version, b.Attempts, k.req)
	k.report.Done = append(k.report.Done, report.Done...)
	var (
		lock     *LockTimeoutError
		paused   *PausedError
		disagree *plan.DisagreementError
		bad      *files.BadFilesError
		failed   *attemptError
	)
	switch {
	case err == nil:
		delete(k.failed, b.Version)
	case errors.As(err, &failed):
		k.failed[b.Version] = failed.error
		k.left[b.Version] = failed.final || k.req.Once
		k.r.emit(AttemptFailed{Background: b, Err: failed.error, Attempt: failed.attempt, Final: failed.final, Pause: failed.pause, Returned: k.left[b.Version] && k.req.Watch == 0})
	case errors.As(err, &disagree), errors.As(err, &bad): // an older directory, or an edited file
		k.failed[b.Version], k.left[b.Version] = err, true
		k.r.emit(AttemptFailed{Background: b, Err: err, Final: true, Returned: k.req.Watch == 0})
	case errors.As(err, &lock), errors.As(err, &paused), errors.Is(err, errReverted):
		// The next look at the history says who has it, or that nobody has.
	default:
		return err
	}
	return nil
}

// failure is the error of a run in which backfills have failed.
func (k *working) failure() error {
	var all []error
	for _, b := range k.report.Background {
		if err := k.failed[b.Version]; err != nil {
			all = append(all, err)
		}
	}
	switch len(all) {
	case 0:
		return nil
	case 1:
		return all[0]
	}
	return &WorkError{Failed: all}
}

// attemptError is an attempt at a backfill that has failed, and is in the history.
type attemptError struct {
	error
	attempt int
	final   bool          // no other follows
	pause   time.Duration // before the next one
}

func (e *attemptError) Unwrap() error { return e.error }

// workOn makes one attempt at the backfill of a version, of which so many have failed.
func (r *Runner) workOn(ctx context.Context, v files.Version, attempts int, req WorkRequest) (*Report, error) {
	of := &Runner{cfg: r.cfg, book: r.book.OfBackground(v), run: r.run, load: r.load}
	of.cfg.LockWait = 0
	w, err := of.open(ctx, nil, secondLimit, reading{gate: store.Whole})
	if w != nil {
		defer func() { w.giveBack(err) }()
	}
	if err != nil {
		return &Report{}, notBegun(ctx, err)
	}
	var a plan.Action
	err = w.once(ctx, job{
		plan: func(_ context.Context, w *worker) (bool, error) {
			row := w.history.Rec.Find(v)
			if row == nil || row.State != plan.Background {
				return false, nil // somebody has done it, or reverted it
			}
			var err error
			a, err = plan.WorkOf(w.cfg.Dir, w.history.Rec, row)
			return err == nil, err
		},
		texts: func(*worker) []*files.Migration { return []*files.Migration{a.Migration} },
		do:    func(ctx context.Context, w *worker) error { return w.applier.workOff(ctx, a, attempts, req) },
	})
	return w.report, err
}

// workOff claims a backfill, applies what is left of it, and notes how that ended.
func (ap *applier) workOff(ctx context.Context, a plan.Action, attempts int, req WorkRequest) error {
	if err := ap.noteEvent(ctx, a.Version, plan.BackfillClaim, store.Values{"attempts": attempts}); err != nil {
		return err
	}
	err := ap.applyOne(ctx, a)
	if err == nil || !ap.session.Conn.Alive() {
		return err
	}
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), lock.LookLimit)
	defer cancel()
	f, failed := ap.outcomes.failure(err)
	if !failed {
		_ = ap.noteEvent(limited, a.Version, plan.BackfillRelease, store.Values{"attempts": attempts}) // the next worker takes it over all the same
		return err
	}
	e := &attemptError{error: err, attempt: attempts + 1}
	bad := (*files.BadFilesError)(nil)
	e.final, e.pause = plan.AfterAttempt(e.attempt, errors.As(err, &bad) || !plan.MayPass(f.SQLState), req.pauses)
	event := plan.BackfillRelease
	if e.final {
		event = plan.BackfillGiveUp
	}
	v := store.Values{"attempts": e.attempt, "error": ap.history.Start.Storable(f.Message), "error_code": ap.history.Start.Storable(f.SQLState), "error_keys": nil}
	if statement := (*StatementError)(nil); errors.As(err, &statement) && !a.Script.Secret {
		v["error_keys"] = ap.history.Start.Storable(statement.failedKeys())
	}
	if !e.final {
		v["pause_ms"] = int(e.pause.Milliseconds())
	}
	if noted := ap.noteEvent(limited, a.Version, event, v); noted != nil {
		return errors.Join(err, noted)
	}
	return e
}

// noteEvent writes an event of a backfill to the history.
func (ap *applier) noteEvent(ctx context.Context, v files.Version, e plan.BackfillEvent, more store.Values) error {
	err := ap.session.Conn.Exec(ctx, ap.history.Begin("")+ap.history.MoveBackground(v, e, more)+"COMMIT")
	switch {
	case err == nil:
		return nil
	case ap.history.IsConflict(err):
		_ = ap.session.Rollback(ctx, nil)
		return errReverted
	}
	return ap.session.Rollback(ctx, pgconn.LostIs(err))
}

// failedKeys are those of the batch that failed, or the one for which it did.
func (e *StatementError) failedKeys() string {
	if e.Key != "" {
		return e.Key
	}
	return e.Keys
}

// WorkError says that several backfills have failed.
type WorkError struct{ Failed []error }

func (e *WorkError) Error() string {
	s := "several background backfills failed"
	for _, err := range e.Failed {
		s += "\n" + secret.Mask(err.Error())
	}
	return s
}

// Unwrap gives all of them.
func (e *WorkError) Unwrap() []error { return e.Failed }
