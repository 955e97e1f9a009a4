package runner

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"rung/runner/internal/backfill"
	"rung/runner/internal/files"
	"rung/runner/internal/pgconn"
	"rung/runner/internal/plan"
)

// A runner that was killed may leave a message behind that its server process
// carries out to the end, COMMIT included, while the next runner is at work
// already. The history keeps the two apart: the later one waits on the rows that
// the earlier one writes, finds that it was overtaken, and resumes there.

// applying is an action while it is applied: one step after the other, each until
// it is in place. This is the one loop that tries again, and why:
//
//   - A step that met a lock is tried again after a pause, LockRetries times. Where
//     nothing but the session of a dead runner holds the lock, it does not count
//     until LockWait is over: nobody stands in line behind that one.
//   - After a conflict the history tells what is left of the action, and that is
//     applied: a dead runner's last message got ahead.
//   - A stale plan goes up to the job, which plans anew (finishJob).
//   - What failed, or is not known, ends the run.
type applying struct {
	w *worker
	a plan.Action
	// announced is when the action was, or zero.
	announced time.Time
	began     time.Time
	next      int  // the step that is due
	inStep    bool // an attempt at it was made
	unheard   bool // it ran, and nobody heard how long
	attempt   int  // at the step, from 1
	since     time.Time
	pause     *pgconn.Backoff
	conflicts int
	// inline is true of a background file whose tables are empty: up runs all of it.
	inline bool
	// registered is true where its backfill, of about so many rows, is left to work.
	registered bool
	rows       int64
}

// applyOne applies an action by itself.
func (w *worker) applyOne(ctx context.Context, a plan.Action) error {
	return w.applyAnnounced(ctx, a, time.Time{})
}

// applyAnnounced applies an action by itself that was announced at that time.
func (w *worker) applyAnnounced(ctx context.Context, a plan.Action, at time.Time) error {
	t := &applying{w: w, a: a, announced: at}
	return t.loop(ctx, t.begin(ctx))
}

// applyAfter continues an action of one step that was tried in a message with
// others: err is what it met there, and that attempt counts as the first. Settled
// is true where the answer was lost, and the history says that the action is in
// place all the same.
func (w *worker) applyAfter(ctx context.Context, a plan.Action, err error, announced time.Time) (settled bool, _ error) {
	t := &applying{w: w, a: a, announced: announced}
	t.announce()
	t.nextStep(0)
	o := t.came(ctx, err)
	settled = o.is == stepDone
	t.unheard = settled && announced.IsZero()
	return settled, t.loop(ctx, o)
}

// loop applies what is left of the action, after what the last thing tried came to.
func (t *applying) loop(ctx context.Context, o outcome) error {
	w := t.w
	for {
		switch {
		case o.is == stepDone && t.next == len(t.a.Script.Steps):
			t.finish()
			return nil
		case o.is == stepDone:
			t.nextStep(t.next)
		case o.is == stepRetry && t.mayRetry(o):
			if t.pause.Sleep(ctx) != nil {
				return t.end(ctx, w.outcomes.stopped(ctx, t.run()))
			}
		case o.is == stepConflict && t.conflicts+1 < mostMoves:
			if done, err := t.resume(ctx, o); done || err != nil {
				return err
			}
			o = t.begin(ctx)
			continue
		default:
			return t.end(ctx, o.error(t.attempt))
		}
		o = t.try(ctx)
	}
}

// begin is what comes before the first step that is due.
func (t *applying) begin(ctx context.Context) outcome {
	w := t.w
	if ctx.Err() != nil {
		return outcomeOf(w.outcomes.stopped(ctx, t.a.At(t.a.FirstStep)))
	}
	w.outcomes.at = new(t.a.At(t.a.FirstStep))
	t.began = cmp.Or(t.announced, time.Now())
	if err := t.followFile(ctx, &t.a); err != nil {
		return outcomeOf(err)
	}
	t.announce()
	t.next = t.a.FirstStep
	if t.next < len(t.a.Script.Steps) {
		return outcome{is: stepDone}
	}
	t.next = len(t.a.Script.Steps)
	return outcomeOf(t.endFixed(ctx, t.a))
}

// announce says that the action begins, unless that was said.
func (t *applying) announce() {
	t.began = cmp.Or(t.began, t.announced, time.Now())
	if t.announced.IsZero() {
		t.w.announce(t.a)
	}
}

func (t *applying) run() plan.StepRun { return t.a.At(t.next) }

// nextStep makes that step the one in hand.
func (t *applying) nextStep(n int) {
	t.next, t.inStep = n, true
	t.attempt, t.since, t.pause = 1, time.Now(), pgconn.NewBackoff(200*time.Millisecond, 10*time.Second)
	t.w.session.Left, t.w.outcomes.batchNote, t.w.outcomes.at = "", "", new(t.run())
}

// try makes an attempt at the step in hand.
func (t *applying) try(ctx context.Context) outcome {
	w, run := t.w, t.run()
	if !w.session.Monitor.Held() {
		return outcomeOf(w.outcomes.lockLost(run))
	}
	do := w.session.Transaction
	switch s := run.Step(); {
	case s.Batch != nil && run.Registers() && !t.inline:
		return t.register(ctx, run)
	case s.Batch != nil:
		do = t.batched
	case !s.Transactional():
		do = w.session.Outside
	}
	return t.came(ctx, do(ctx, run))
}

// batched runs a batched step, and says what it did.
func (t *applying) batched(ctx context.Context, run plan.StepRun) error {
	w := t.w
	p, got, err := backfill.Run(ctx, backfill.Config{
		Session: w.session, Conn: w.cfg.Conn, Retries: w.cfg.LockRetries, Given: w.cfg.Batch, Says: asEvents{w.emit},
	}, run)
	w.outcomes.batchNote = cmp.Or(got, w.outcomes.batchNote)
	if paused := (*backfill.Paused)(nil); errors.As(err, &paused) {
		return &PausedError{Version: run.Version, Title: w.title(run.Action), Name: run.Name, By: paused.By, Since: paused.Since}
	}
	if err == nil {
		w.ended = append(w.ended, p)
		w.emit(BackfillDone{File: run.Script.Path, Line: run.Script.Pos(run.Step().First).Line, Progress: p})
	}
	return err
}

// came is the outcome of an attempt at the step in hand. Where it is in place, the
// next one is due.
func (t *applying) came(ctx context.Context, err error) outcome {
	o := outcome{is: stepDone}
	if err != nil {
		o = t.w.outcomes.failed(ctx, t.run(), err)
		o.met = err
	}
	if o.is != stepDone {
		return o
	}
	run := t.run()
	if s := run.Script; s.Mode() == files.Stepwise {
		t.w.emit(StepDone{Version: run.Version, File: s.Path, Line: s.Pos(run.Step().First).Line, Step: run.Number(), Steps: len(s.Steps), Duration: time.Since(t.since)})
	}
	t.next, t.inStep = t.next+1, false
	return o
}

// mayRetry reports whether a step that met a lock is tried again, and says so.
func (t *applying) mayRetry(o outcome) bool {
	w, s := t.w, o.statement
	if w.session.Monitor.ForDead(s.Part, s.Blockers) && time.Since(t.since) < w.cfg.LockWait {
		return true
	}
	if t.attempt > w.cfg.LockRetries {
		return false
	}
	w.emit(Retrying{File: s.File, Line: s.Line, Part: s.Part, Err: o.met, Attempt: t.attempt, Of: w.cfg.LockRetries, Blockers: s.Blockers})
	t.attempt++
	return true
}

// resume decides after a conflict what is left of the action. Done is true where
// nothing is.
func (t *applying) resume(ctx context.Context, o outcome) (done bool, err error) {
	w, a := t.w, t.a
	_ = t.end(ctx, nil)
	next, done, err := t.whatIsLeft(ctx, a)
	if done {
		w.emit(Overtaken{Direction: a.Direction, Version: a.Version, Title: w.title(a), Name: a.Name, File: a.Script.Path})
	}
	*t = applying{w: w, a: next, conflicts: t.conflicts + 1}
	return done, err
}

// finish reports the action as done.
func (t *applying) finish() {
	took := time.Since(t.began)
	if t.unheard {
		took = 0
	}
	if t.registered {
		t.leftToWork(took)
		return
	}
	t.w.done(t.a, took)
}

// end resets what the steps before a failed one left in the session.
func (t *applying) end(ctx context.Context, err error) error {
	if t.inStep {
		t.w.session.Leave(ctx, t.next)
	}
	return err
}

func (w *worker) announce(a plan.Action) {
	w.session.Monitor.Begins()
	w.emit(Started{
		Direction: a.Direction, Version: a.Version, Title: w.title(a), Name: a.Name, File: a.Script.Path, Mode: a.Script.Mode(),
		Step: a.FirstStep + 1, Steps: len(a.Script.Steps), Resumed: a.Resumed,
	})
}

func (w *worker) done(a plan.Action, d time.Duration) {
	done := Done{Direction: a.Direction, Version: a.Version, Title: w.title(a), Name: a.Name, File: a.Script.Path, Duration: d, Steps: len(a.Script.Steps), Backfills: w.ended, Worked: a.Work}
	w.ended = nil
	w.report.Done = append(w.report.Done, done)
	w.emit(Finished{done})
}

// whatIsLeft reads the history again and decides what is left of an action.
func (t *applying) whatIsLeft(ctx context.Context, a plan.Action) (next plan.Action, done bool, err error) {
	if err := t.w.history.Read(ctx, t.w.session.Conn); err != nil {
		return a, false, err
	}
	row := t.w.history.Rec.Find(a.Version)
	if row == nil && a.Direction == files.Down {
		return a, true, nil
	}
	next = plan.ActionOf(a.Direction, a.Migration, row, a.Script, t.w.history.Rec)
	next.Name, next.FromRecord, next.Below, next.FileOnly = a.Name, a.FromRecord, a.Below, a.FileOnly
	next.Inline = a.Inline
	switch {
	case a.Direction == files.Down:
		return next, false, plan.CheckDown(next)
	case a.Work && (row == nil || row.State == plan.Reverting):
		return a, false, errReverted
	case row == nil:
		return next, false, nil
	case row.State == plan.Reverting || row.State == plan.Applied && row.UpChecksum != a.Script.Checksum:
		return a, false, fmt.Errorf("another rung changed %s meanwhile; run `rung status`", t.w.title(a))
	case row.State == plan.Applied, row.State == plan.Background && !a.Work:
		return a, true, nil
	}
	if f, ok := next.Fit.RefusalError(); ok {
		return a, false, &plan.DisagreementError{Findings: []plan.Finding{f}}
	}
	return next, false, nil
}

// mostMoves is how often a run plans anew: each time the history has moved on,
// unless somebody plays tricks.
const mostMoves = 5
