package runner

import (
	"errors"
	"fmt"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"rung/runner/internal/exec"
	"rung/runner/internal/pgconn"
	"rung/runner/internal/plan"
	"rung/runner/internal/store"
)

// outcome is what an attempt at a step comes to.
type outcome struct {
	is outcomeKind
	// statement is the error with its place in the file, where a statement met it.
	statement *StatementError
	// met is that error as it came, for the report of another try.
	met error
	// err is the error that ends the run where it is another one: a lost connection,
	// a stopped run, a conflict.
	err error
}

// outcomeKind says what is to be done next.
type outcomeKind int

const (
	// stepFailed: nothing of the step is in place, and to try again would not help.
	stepFailed outcomeKind = iota
	// stepDone: the step is in place, and the history has it.
	stepDone
	// stepRetry: the attempt met what may pass (exec.Session.MayPass), mostly a lock, or
	// a step in batches lost its connection. Nothing of the attempt is in place but the
	// batches that were committed, and another one may succeed.
	stepRetry
	// stepConflict: another session has written what this one was about to. Nothing
	// is in place by this run.
	stepConflict
	// stepStale: another session has changed what the action goes on top of, or put
	// something on top of it. The plan does not hold any more.
	stepStale
	// stepUnknown: the connection was lost, and the history cannot be read. Nothing
	// is guessed: the next run reads it.
	stepUnknown
)

// outcomeOf is the outcome that an error stands for which no statement of the file
// met.
func outcomeOf(err error) outcome {
	var conflict *conflictError
	var stale *stalePlanError
	var unreachable *pgconn.UnreachableError
	switch {
	case err == nil:
		return outcome{is: stepDone}
	case errors.As(err, &conflict):
		return outcome{is: stepConflict, err: err}
	case errors.As(err, &stale):
		return outcome{is: stepStale, err: err}
	case errors.As(err, &unreachable):
		return outcome{is: stepUnknown, err: err}
	}
	return outcome{is: stepFailed, err: err}
}

// error is what the user is told, after so many attempts.
func (o outcome) error(attempts int) error {
	if o.err != nil {
		return o.err
	}
	o.statement.Attempts = attempts
	return o.statement
}

// conflictError is the error of a stepConflict.
type conflictError struct{ err error }

func (e *conflictError) Error() string { return e.err.Error() }

func (e *conflictError) Unwrap() error { return e.err }

// stalePlanError is the error of a stepStale.
type stalePlanError struct{ err error }

func (e *stalePlanError) Error() string { return e.err.Error() }

func (e *stalePlanError) Unwrap() error { return e.err }

// nameStale gives the error of a claim whose state is NULL the name that it has:
// the version that it was to come on top of is not in place, or the history is not
// what the plan was made from.
func (k *outcomes) nameStale(run plan.StepRun, f *exec.Failure) {
	e := pq.As(f.Err, pqerror.NotNullViolation)
	if e == nil || f.Statement != pgconn.MarkRecord || run.Below == nil && run.Expects == nil || e.Schema != k.session.History.Schema || e.Table != "migrations" || e.Column != "state" {
		return
	}
	e.Code = store.StateMoved
	if run.Expects != nil {
		e.Message = "another session has changed the history since it was read"
	} else {
		e.Message = fmt.Sprintf("another session reverts or has reverted version %s, which comes before %s", *run.Below, run.Version)
	}
	e.Detail, e.Schema, e.Table, e.Column = "", "", "", "" // the detail is the row, with the file's SQL
}
