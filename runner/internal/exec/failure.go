package exec

import (
	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"rung/runner/internal/files"
	"rung/runner/internal/lock"
	"rung/runner/internal/pgconn"
	"rung/runner/internal/plan"
)

// Failure is an error of the server or the connection, with all that is known
// about where it came from.
type Failure struct {
	Err       error
	Script    *files.Script
	Message   *pgconn.Message
	Statement int // the one that ran, by the last progress notice
	Blockers  []lock.Blocker
	// Decides is true for the statement of a step outside of a transaction: an
	// error of the server's means that the step has failed.
	Decides bool
}

func (f *Failure) Error() string { return f.Err.Error() }

func (f *Failure) Unwrap() error { return f.Err }

// BeforeClaim reports whether the server cancelled what stands before the step's
// statements: nothing of it can be in place by this run. To ask the history would
// be to wait once more for whoever has the claim.
func (f *Failure) BeforeClaim() bool {
	return f.Statement == pgconn.MarkRecord && pq.As(f.Err, pqerror.QueryCanceled) != nil
}

// AtStep gives an error the place of the step's statement.
func AtStep(run plan.StepRun, err error) *Failure {
	return &Failure{Err: err, Script: run.Script, Message: &pgconn.Message{}, Statement: run.Step().First}
}

// InRecord makes an error of the bookkeeping between two batches one that
// failed can settle, as it does those of the batches.
func InRecord(run plan.StepRun, err error) error {
	if err == nil {
		return nil
	}
	return &Failure{Err: err, Script: run.Script, Message: &pgconn.Message{}, Statement: pgconn.MarkRecord}
}
