package runner

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"rung/runner/internal/backfill"
	"rung/runner/internal/exec"
	"rung/runner/internal/files"
	"rung/runner/internal/pgconn"
	"rung/runner/internal/plan"
	"rung/runner/internal/store"
)

// outcomes says what attempts at steps come to, and what is in place then.
type outcomes struct {
	session *exec.Session
	dir     *files.Directory
	report  *Report
	// connect opens a session in place of one that was lost, and wait is how long that
	// may take beyond exec.SettleLimit.
	connect func(context.Context) (*pgconn.Session, error)
	wait    time.Duration
	emit    func(Event)

	at *plan.StepRun // what runs, or failed; nil before anything does
	// batchNote says how far a batched step got that did not end.
	batchNote string
}

func (k *outcomes) title(a plan.Action) string { return k.dir.Title(a.Version, a.Name) }

// failed cleans up after a failed attempt at a step and says what it comes to.
func (k *outcomes) failed(ctx context.Context, run plan.StepRun, err error) outcome {
	var f *exec.Failure
	var paused *PausedError
	var stopped *exec.Stopped
	var changed *files.ChangedError
	switch {
	case errors.As(err, &paused):
		return outcomeOf(err)
	case errors.As(err, &stopped):
		return outcomeOf(k.stopped(ctx, run))
	case errors.As(err, &changed):
		changed.Standing = k.standing(run)
		return outcomeOf(k.session.Rollback(ctx, err))
	case !errors.As(err, &f) && pgconn.WasEnded(err): // between two messages of the step
		f = exec.AtStep(run, err)
	case !errors.As(err, &f) && ctx.Err() != nil:
		return outcomeOf(k.stopped(ctx, run))
	case !errors.As(err, &f):
		return outcomeOf(k.session.Rollback(ctx, err))
	}
	interrupted := ctx.Err() != nil
	if interrupted && f.BeforeClaim() {
		return outcomeOf(k.stopped(ctx, run))
	}
	if interrupted || pgconn.IsLost(f.Err) || !k.session.Conn.Alive() {
		return k.afterLoss(ctx, run, f, interrupted)
	}
	k.nameStale(run, f)
	o := outcome{statement: k.statementError(run, f)}
	o.err = k.session.RollbackStep(ctx, run.Index)
	if f.Statement == pgconn.MarkEnd && o.err == nil && k.committed(ctx, run) {
		return outcome{is: stepDone}
	}
	if k.session.History.IsConflict(f.Err) && !k.session.Together && o.err == nil {
		if run.Step().Batch != nil && k.session.Monitor.Look() != nil {
			return outcomeOf(k.lockLost(run)) // by a runner that is alive
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
	if k.session.MayPass(f.Err) && !k.session.Together && o.err == nil && batch == nil {
		o.is = stepRetry
	}
	if (f.Decides || batch != nil) && o.err == nil {
		o.err = k.session.Checkpoints(run).Failed(ctx)
		o.statement.Standing = k.standing(run)
	}
	return o
}

// committed asks the history whether an error came after COMMIT: it may have
// hit what resets the session.
func (k *outcomes) committed(ctx context.Context, run plan.StepRun) bool {
	if !run.Step().Transactional() {
		return false
	}
	became, err := k.session.Lost(run).Probe(ctx)
	return err == nil && became == exec.InPlace
}

// afterLoss finds out what became of a step whose answer never came: the
// history tells. Without an answer from there nothing is guessed.
func (k *outcomes) afterLoss(ctx context.Context, run plan.StepRun, f *exec.Failure, interrupted bool) outcome {
	if !interrupted && !pgconn.IsUnreadable(f.Err) {
		k.emit(Settling{File: run.Script.Path})
	}
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), exec.SettleLimit+k.wait)
	defer cancel()
	became, err := k.session.Lost(run).Settle(limited, k.connect)
	if behind := k.behind(limited, run); behind != nil {
		return outcomeOf(behind)
	}
	switch {
	case err != nil:
		return outcome{is: stepUnknown, err: &pgconn.UnreachableError{Err: fmt.Errorf("%w; the outcome of %s is unknown: the next rung reads it from the history", err, k.title(run.Action))}}
	case became == exec.InPlaceByOther && !interrupted:
		return outcome{is: stepConflict, err: &conflictError{f.Err}}
	case became != exec.NotInPlace: // with all files together: the last one's record tells of all
		return outcome{is: stepDone}
	case interrupted:
		if f.Decides && pq.As(f.Err, pqerror.QueryCanceled) != nil {
			_ = k.session.Checkpoints(run).Failed(limited) // it may be called started: the next run finds out
		}
		return outcomeOf(k.stopped(ctx, run))
	}
	o := outcome{statement: k.statementError(run, f)}
	if pgconn.IsUnreadable(f.Err) { // to try again would bring it again
		if f.Decides || run.Step().Batch != nil {
			o.err = k.session.Checkpoints(run).Failed(limited)
		}
		return o
	}
	o.statement.Hint = cmp.Or(o.statement.Hint, fmt.Sprintf("`rung %s` starts it again", run.Command()))
	if run.Step().Batch != nil {
		// The batch log knows what is committed. Without the lock no batch starts.
		if k.session.Monitor.Look() != nil {
			return outcomeOf(k.lockLost(run))
		}
		o.is = stepRetry
		o.statement.Hint = fmt.Sprintf("the connection was lost; `rung %s` resumes after the last committed batch", run.Command())
	}
	return o
}
