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
// it is in place. This is the one loop that tries a step again, and why; within a
// step in batches, the backfill tries each batch again:
//
//   - A step that met a lock, or in batches lost its connection, is tried again after
//     a pause, LockRetries times. Where nothing but the session of a dead runner holds
//     the lock, it does not count until LockWait is over: nobody stands in line behind
//     that one.
//   - After a conflict the history tells what is left of the action, and that is
//     applied: a dead runner's last message got ahead.
//   - A stale plan goes up to the job, which plans anew (finishJob).
//   - What failed, or is not known, ends the run.
type applying struct {
	ap *applier
	a  plan.Action
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
func (ap *applier) applyOne(ctx context.Context, a plan.Action) error {
	return ap.applyAnnounced(ctx, a, time.Time{})
}

// applyAnnounced applies an action by itself that was announced at that time.
func (ap *applier) applyAnnounced(ctx context.Context, a plan.Action, at time.Time) error {
	t := &applying{ap: ap, a: a, announced: at}
	return t.loop(ctx, t.begin(ctx))
}

// applyAfter continues an action of one step that was tried in a message with
// others: err is what it met there, and that attempt counts as the first. Settled
// is true where the answer was lost, and the history says that the action is in
// place all the same.
func (ap *applier) applyAfter(ctx context.Context, a plan.Action, err error, announced time.Time) (settled bool, _ error) {
	t := &applying{ap: ap, a: a, announced: announced}
	t.announce()
	t.nextStep(0)
	o := t.came(ctx, err)
	settled = o.is == stepDone
	t.unheard = settled && announced.IsZero()
	return settled, t.loop(ctx, o)
}

// loop applies what is left of the action, after what the last thing tried came to.
func (t *applying) loop(ctx context.Context, o outcome) error {
	ap := t.ap
	for {
		switch {
		case o.is == stepDone && t.next == len(t.a.Script.Steps):
			t.finish()
			return nil
		case o.is == stepDone:
			t.nextStep(t.next)
		case o.is == stepRetry && t.mayRetry(o):
			if t.pause.Sleep(ctx) != nil {
				return t.end(ctx, ap.outcomes.stopped(ctx, t.run()))
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
	ap := t.ap
	if ctx.Err() != nil {
		return outcomeOf(ap.outcomes.stopped(ctx, t.a.At(t.a.FirstStep)))
	}
	ap.outcomes.at = new(t.a.At(t.a.FirstStep))
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
		t.ap.announce(t.a)
	}
}

func (t *applying) run() plan.StepRun { return t.a.At(t.next) }

// nextStep makes that step the one in hand.
func (t *applying) nextStep(n int) {
	t.next, t.inStep = n, true
	t.attempt, t.since, t.pause = 1, time.Now(), pgconn.NewBackoff(200*time.Millisecond, 10*time.Second)
	t.ap.session.Left, t.ap.outcomes.batchNote, t.ap.outcomes.at = "", "", new(t.run())
}

// try makes an attempt at the step in hand.
func (t *applying) try(ctx context.Context) outcome {
	ap, run := t.ap, t.run()
	if !ap.session.Monitor.Held() {
		return outcomeOf(ap.outcomes.lockLost(run))
	}
	do := ap.session.Transaction
	switch s := run.Step(); {
	case s.Batch != nil && run.Registers() && !t.inline:
		return t.register(ctx, run)
	case s.Batch != nil:
		do = t.batched
	case !s.Transactional():
		do = ap.session.Outside
	}
	return t.came(ctx, do(ctx, run))
}

// batched runs a batched step, and says what it did.
func (t *applying) batched(ctx context.Context, run plan.StepRun) error {
	ap := t.ap
	p, got, err := backfill.Run(ctx, ap.batches, run)
	ap.outcomes.batchNote = cmp.Or(got, ap.outcomes.batchNote)
	if paused := (*backfill.Paused)(nil); errors.As(err, &paused) {
		return &PausedError{Version: run.Version, Title: ap.title(run.Action), Name: run.Name, By: paused.By, Since: paused.Since}
	}
	if err == nil {
		ap.ended = append(ap.ended, p)
		ap.emit(BackfillDone{File: run.Script.Path, Line: run.Script.Pos(run.Step().First).Line, Progress: p})
	}
	return err
}

// came is the outcome of an attempt at the step in hand. Where it is in place, the
// next one is due.
func (t *applying) came(ctx context.Context, err error) outcome {
	o := outcome{is: stepDone}
	if err != nil {
		o = t.ap.outcomes.failed(ctx, t.run(), err)
		o.met = err
	}
	if o.is != stepDone {
		return o
	}
	run := t.run()
	if s := run.Script; s.Mode() == files.Stepwise {
		t.ap.emit(StepDone{Version: run.Version, File: s.Path, Line: s.Pos(run.Step().First).Line, Step: run.Number(), Steps: len(s.Steps), Duration: time.Since(t.since)})
	}
	t.next, t.inStep = t.next+1, false
	return o
}

// mayRetry reports whether a step that met a lock is tried again, and says so.
func (t *applying) mayRetry(o outcome) bool {
	ap, s := t.ap, o.statement
	if ap.session.Monitor.ForDead(s.Part, s.Blockers) && time.Since(t.since) < ap.lockWait {
		return true
	}
	if t.attempt > ap.lockRetries {
		return false
	}
	ap.emit(Retrying{File: s.File, Line: s.Line, Part: s.Part, Err: o.met, Attempt: t.attempt, Of: ap.lockRetries, Blockers: s.Blockers})
	t.attempt++
	return true
}

// resume decides after a conflict what is left of the action. Done is true where
// nothing is.
func (t *applying) resume(ctx context.Context, o outcome) (done bool, err error) {
	ap, a := t.ap, t.a
	_ = t.end(ctx, nil)
	next, done, err := t.whatIsLeft(ctx, a)
	if done {
		ap.emit(Overtaken{Direction: a.Direction, Version: a.Version, Title: ap.title(a), Name: a.Name, File: a.Script.Path})
	}
	*t = applying{ap: ap, a: next, conflicts: t.conflicts + 1}
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
	t.ap.done(t.a, took)
}

// end resets what the steps before a failed one left in the session.
func (t *applying) end(ctx context.Context, err error) error {
	if t.inStep {
		t.ap.session.Leave(ctx, t.next)
	}
	return err
}

func (ap *applier) announce(a plan.Action) {
	ap.session.Monitor.Begins()
	ap.emit(Started{
		Direction: a.Direction, Version: a.Version, Title: ap.title(a), Name: a.Name, File: a.Script.Path, Mode: a.Script.Mode(),
		Step: a.FirstStep + 1, Steps: len(a.Script.Steps), Resumed: a.Resumed,
	})
}

func (ap *applier) done(a plan.Action, d time.Duration) {
	done := Done{Direction: a.Direction, Version: a.Version, Title: ap.title(a), Name: a.Name, File: a.Script.Path, Duration: d, Steps: len(a.Script.Steps), Backfills: ap.ended, Worked: a.Work}
	ap.ended = nil
	ap.report.Done = append(ap.report.Done, done)
	ap.emit(Finished{done})
}

// whatIsLeft reads the history again and decides what is left of an action.
func (t *applying) whatIsLeft(ctx context.Context, a plan.Action) (next plan.Action, done bool, err error) {
	if err := t.ap.history.Read(ctx, t.ap.session.Conn); err != nil {
		return a, false, err
	}
	row := t.ap.history.Rec.Find(a.Version)
	if row == nil && a.Direction == files.Down {
		return a, true, nil
	}
	next = plan.ActionOf(a.Direction, a.Migration, row, a.Script, t.ap.history.Rec)
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
		return a, false, fmt.Errorf("another rung changed %s meanwhile; run `rung status`", t.ap.title(a))
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
