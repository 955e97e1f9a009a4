package runner

import (
	"context"
	"errors"
	"fmt"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"rung/runner/internal/backfill"
	"rung/runner/internal/exec"
	"rung/runner/internal/files"
	"rung/runner/internal/pgconn"
	"rung/runner/internal/plan"
	"rung/runner/internal/store"
)

// failed cleans up after a failed attempt at a step and says what it comes to.
func (w *worker) failed(ctx context.Context, run plan.StepRun, err error) outcome {
	var f *exec.Failure
	var paused *PausedError
	var stopped *exec.Stopped
	var changed *files.ChangedError
	switch {
	case errors.As(err, &paused):
		return outcomeOf(err)
	case errors.As(err, &stopped):
		return outcomeOf(w.stopped(ctx, run))
	case errors.As(err, &changed):
		changed.Standing = w.standing(run)
		return outcomeOf(w.session.Rollback(ctx, err))
	case !errors.As(err, &f) && ctx.Err() != nil:
		return outcomeOf(w.stopped(ctx, run))
	case !errors.As(err, &f):
		return outcomeOf(w.session.Rollback(ctx, err))
	}
	interrupted := ctx.Err() != nil
	if interrupted && f.BeforeClaim() {
		return outcomeOf(w.stopped(ctx, run))
	}
	if interrupted || pgconn.IsLost(f.Err) || !w.session.Conn.Alive() {
		return w.afterLoss(ctx, run, f, interrupted)
	}
	w.nameStale(run, f)
	o := outcome{statement: w.statementError(run, f)}
	o.err = w.session.RollbackStep(ctx, run.Index)
	if f.Statement == pgconn.MarkEnd && o.err == nil && w.committed(ctx, run) {
		return outcome{is: stepDone}
	}
	if w.book.IsConflict(f.Err) && !w.session.Together && o.err == nil {
		if run.Step().Batch != nil && w.session.Monitor.Look() != nil {
			return outcomeOf(w.lockLost(run)) // by a runner that is alive
		}
		return outcome{is: stepConflict, err: &conflictError{o.statement}}
	}
	if pq.As(f.Err, store.StateMoved) != nil && o.err == nil {
		o.statement.Hint = fmt.Sprintf("run `rung %s` again: it plans anew", run.Command())
		return outcome{is: stepStale, err: &stalePlanError{o.statement}}
	}
	var batch *backfill.BatchError // which was tried often enough
	if errors.As(err, &batch) {
		o.statement.Keys, o.statement.KeyCount, o.statement.Key = batch.Keys, batch.Count, batch.Key
	}
	if w.session.MayPass(f.Err) && !w.session.Together && o.err == nil && batch == nil {
		o.is = stepRetry
	}
	if (f.Decides || batch != nil) && o.err == nil {
		o.err = w.session.StepFailed(ctx, run)
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
	became, err := w.session.Probe(ctx, run)
	return err == nil && became == exec.InPlace
}

// afterLoss finds out what became of a step whose answer never came: the
// history tells. Without an answer from there nothing is guessed.
func (w *worker) afterLoss(ctx context.Context, run plan.StepRun, f *exec.Failure, interrupted bool) outcome {
	if !interrupted && !pgconn.IsUnreadable(f.Err) {
		w.emit(Settling{File: run.Script.Path})
	}
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), exec.SettleLimit+w.cfg.Wait)
	defer cancel()
	became, err := w.session.Settle(limited, run, func(ctx context.Context) (*pgconn.Session, error) {
		return pgconn.ConnectWaiting(ctx, w.cfg.Conn, exec.SettleLimit, w.waiting)
	})
	if behind := w.behind(limited, run); behind != nil {
		return outcomeOf(behind)
	}
	switch {
	case err != nil:
		return outcome{is: stepUnknown, err: &pgconn.UnreachableError{Err: fmt.Errorf("%w; the outcome of %s is unknown: the next rung reads it from the history", err, w.title(run.Action))}}
	case became == exec.InPlaceByOther && !interrupted:
		return outcome{is: stepConflict, err: &conflictError{f.Err}}
	case became != exec.NotInPlace: // with all files together: the last one's record tells of all
		return outcome{is: stepDone}
	case interrupted:
		if f.Decides && pq.As(f.Err, pqerror.QueryCanceled) != nil {
			_ = w.session.StepFailed(limited, run) // it may be called started: the next run finds out
		}
		return outcomeOf(w.stopped(ctx, run))
	}
	o := outcome{statement: w.statementError(run, f)}
	if pgconn.IsUnreadable(f.Err) { // to try again would bring it again
		if f.Decides || run.Step().Batch != nil {
			o.err = w.session.StepFailed(limited, run)
		}
		return o
	}
	o.statement.Hint = fmt.Sprintf("`rung %s` starts it again", run.Command())
	if run.Step().Batch != nil {
		// The batch log knows what is committed. Without the lock no batch starts.
		if w.session.Monitor.Look() != nil {
			return outcomeOf(w.lockLost(run))
		}
		o.is = stepRetry
		o.statement.Hint = fmt.Sprintf("the connection was lost; `rung %s` resumes after the last committed batch", run.Command())
	}
	return o
}
