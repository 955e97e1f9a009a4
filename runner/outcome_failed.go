package runner

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"rung/internal/english"
	"rung/runner/internal/pgconn"
	"rung/runner/internal/plan"
	"rung/runner/internal/store"
)

// failure is an error of the server or the connection, with all that is known
// about where it came from.
type failure struct {
	err       error
	sender    *sender
	message   *pgconn.Message
	statement int // the one that ran, by the last mark
	blockers  []Blocker
}

func (f *failure) Error() string { return f.err.Error() }

func (f *failure) Unwrap() error { return f.err }

// beforeClaim reports whether the server cancelled what stands before the step's
// statements: nothing of it can be in place by this run. To ask the history would
// be to wait once more for whoever has the claim.
func (f *failure) beforeClaim() bool {
	return f.statement == pgconn.MarkRecord && pq.As(f.err, pqerror.QueryCanceled) != nil
}

// failed cleans up after a failed attempt at a step and says what it comes to.
func (w *worker) failed(ctx context.Context, run plan.StepRun, err error) outcome {
	var f *failure
	var paused *PausedError
	var stopped *stoppedStep
	var changed *ChangedError
	switch {
	case errors.As(err, &paused):
		return outcomeOf(err)
	case errors.As(err, &stopped):
		return outcomeOf(w.stopped(ctx, run))
	case errors.As(err, &changed):
		changed.Standing = w.standing(run)
		return outcomeOf(w.rollback(ctx, err))
	case !errors.As(err, &f) && ctx.Err() != nil:
		return outcomeOf(w.stopped(ctx, run))
	case !errors.As(err, &f):
		return outcomeOf(w.rollback(ctx, err))
	}
	interrupted := ctx.Err() != nil
	if interrupted && f.beforeClaim() {
		return outcomeOf(w.stopped(ctx, run))
	}
	if interrupted || pgconn.IsLost(f.err) || !w.s.Alive() {
		return w.afterLoss(ctx, run, f, interrupted)
	}
	w.nameStale(run, f)
	o := outcome{statement: w.statementError(run, f)}
	o.err = w.rollbackStep(ctx, run.Index)
	if f.statement == pgconn.MarkEnd && o.err == nil && w.committed(ctx, run) {
		return outcome{is: stepDone}
	}
	if w.book.IsConflict(f.err) && !w.together && o.err == nil {
		if run.Step().Batch != nil && w.attendant.look() != nil {
			return outcomeOf(w.lockLost(run)) // by a runner that is alive
		}
		return outcome{is: stepConflict, err: &conflictError{o.statement}}
	}
	if pq.As(f.err, store.StateMoved) != nil && o.err == nil {
		o.statement.Hint = fmt.Sprintf("run `rung %s` again: it plans anew", run.Direction)
		return outcome{is: stepStale, err: &stalePlanError{o.statement}}
	}
	var batch *batchFailure // which was tried often enough
	if errors.As(err, &batch) {
		o.statement.Keys, o.statement.KeyCount = batch.turn.String(), batch.turn.keys
		if batch.culprit != nil {
			o.statement.Key = batch.culprit.String()
		}
	}
	if isRetryable(f.err) && !w.together && o.err == nil && batch == nil {
		o.is = stepRetry
	}
	if (f.sender.decides || batch != nil) && o.err == nil {
		o.err = w.stepFailed(ctx, run)
		o.statement.Standing = w.standing(run)
	}
	return o
}

// committed asks the history whether an error came after COMMIT: it may have
// hit what resets the session.
func (w *worker) committed(ctx context.Context, run plan.StepRun) bool {
	if !run.Step().Transactional() {
		return false
	}
	became, err := w.probe(ctx, run)
	return err == nil && became == stepDone
}

// rollbackStep ends the transaction of a step that failed. What earlier steps
// left in the session stays for another try.
func (w *worker) rollbackStep(ctx context.Context, n int) error {
	if n == 0 {
		return w.rollback(ctx, nil)
	}
	return pgconn.LostIs(w.s.Exec(ctx, "ROLLBACK;\n"+w.book.SQL("reset_between", nil)))
}

// leave takes back what the steps before a failed one left in the session: a
// pool may hand it on.
func (w *worker) leave(ctx context.Context, n int) {
	if n == 0 || !w.s.Alive() {
		return
	}
	w.tryReset(ctx, w.book.SQL("reset", nil))
}

// tryReset resets the session by the statements given, also where the run was
// stopped. A lost session has nothing to reset.
func (w *worker) tryReset(ctx context.Context, reset string) {
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), pgconn.CancelGrace)
	defer cancel()
	_ = w.s.Exec(limited, reset)
}

// rollback ends an aborted transaction. It returns err, or its own where there
// is none.
func (w *worker) rollback(ctx context.Context, err error) error {
	if e := w.s.Exec(ctx, "ROLLBACK;\n"+w.book.SQL("reset", nil)); e != nil && err == nil {
		return pgconn.LostIs(e)
	}
	return err
}

// afterLoss finds out what became of a step whose answer never came: the
// record tells. Without an answer from there nothing is guessed.
func (w *worker) afterLoss(ctx context.Context, run plan.StepRun, f *failure, interrupted bool) outcome {
	if !interrupted && !pgconn.IsUnreadable(f.err) {
		w.emit(Settling{File: run.Script.Path})
	}
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleLimit+w.cfg.Wait)
	defer cancel()
	became, err := w.settle(limited, run)
	if behind := w.behind(limited, run); behind != nil {
		return outcomeOf(behind)
	}
	switch {
	case err != nil:
		return outcome{is: stepUnknown, err: &Unreachable{Err: fmt.Errorf("%w; the outcome of %s is unknown: the next rung reads it from the history", err, w.title(run.Action))}}
	case became == stepConflict && !interrupted:
		return outcome{is: stepConflict, err: &conflictError{f.err}}
	case became != stepFailed: // with all files together: the last one's record tells of all
		return outcome{is: stepDone}
	case interrupted:
		if f.sender.decides && pq.As(f.err, pqerror.QueryCanceled) != nil {
			_ = w.stepFailed(limited, run) // it may be called started: the next run finds out
		}
		return outcomeOf(w.stopped(ctx, run))
	}
	o := outcome{statement: w.statementError(run, f)}
	if pgconn.IsUnreadable(f.err) { // to try again would bring it again
		if f.sender.decides || run.Step().Batch != nil {
			o.err = w.stepFailed(limited, run)
		}
		return o
	}
	o.statement.Hint = fmt.Sprintf("`rung %s` starts it again", run.Direction)
	if run.Step().Batch != nil {
		// The batch log knows what is committed. Without the lock no batch starts.
		if w.attendant.look() != nil {
			return outcomeOf(w.lockLost(run))
		}
		o.is = stepRetry
		o.statement.Hint = fmt.Sprintf("the connection was lost; `rung %s` resumes after the last committed batch", run.Direction)
	}
	return o
}

// settleLimit is how long to look for the outcome after a lost connection: a
// server that crashed needs a moment to recover.
const settleLimit = 30 * time.Second

// stopped is the error for a run that its context ended before the step.
func (w *worker) stopped(ctx context.Context, run plan.StepRun) error {
	cause := context.Cause(ctx)
	if errors.Is(cause, errLockLost) {
		return w.lockLost(run)
	}
	return &Stopped{Where: w.standing(run), Cause: cause}
}

func (w *worker) lockLost(run plan.StepRun) error {
	return withoutLock(fmt.Errorf("%w, so rung stopped: %s", errLockLost, w.standing(run)))
}

func (w *worker) title(a Action) string { return w.cfg.Dir.Title(a.Version, a.Name) }

// standing is the one line that says what is in place, when the step did not run.
func (w *worker) standing(run plan.StepRun) string {
	var b strings.Builder
	steps := len(run.Script.Steps)
	verb := map[Direction]string{Up: "applied", Down: "reverted"}[run.Direction]
	committed := plan.BatchesIn(w.rec.StepsFrom(run.Action, run.Index))
	unknown := w.rec.Steps[run.Key()].State == "started" && run.Step().Verb != ""
	switch {
	case w.together:
		return "all of it was rolled back: no changes from this run were applied"
	case run.Index == 0 && unknown:
		fmt.Fprintf(&b, "the outcome of step 1 of %d of %s is unknown; the next `rung %s` checks it", steps, w.title(run.Action), run.Direction)
	case unknown:
		fmt.Fprintf(&b, "%s is %s up to step %d of %d; the outcome of the next step is unknown; the next `rung %s` checks it", w.title(run.Action), verb, run.Index, steps, run.Direction)
	case run.Index == 0 && committed != "":
		fmt.Fprintf(&b, "%s is %s in part: %s committed; the next `rung %s` resumes there", w.title(run.Action), verb, committed, run.Direction)
	case committed != "":
		fmt.Fprintf(&b, "%s is %s up to step %d of %d, with %s committed; the next `rung %s` resumes there", w.title(run.Action), verb, run.Index, steps, committed, run.Direction)
	case run.Index == 0 && run.Direction == Up:
		fmt.Fprintf(&b, "no changes from %s were applied", w.title(run.Action))
	case run.Index == 0:
		fmt.Fprintf(&b, "%s is still applied, unchanged", w.title(run.Action))
	default:
		fmt.Fprintf(&b, "%s is %s up to step %d of %d; the next `rung %s` resumes there", w.title(run.Action), verb, run.Index, steps, run.Direction)
	}
	if w.batchNote != "" {
		b.Reset()
		fmt.Fprintf(&b, "%s is %s in part: %s; the next `rung %s` resumes there", w.title(run.Action), verb, w.batchNote, run.Direction)
	}
	if w.left != "" {
		b.WriteString("; " + w.left)
	}
	if done := len(w.report.Done); done > 0 {
		fmt.Fprintf(&b, "; %s before it %s %s", english.Count(done, "migration"), map[bool]string{true: "was", false: "were"}[done == 1], verb)
	}
	return b.String()
}
