package runner

import (
	"errors"
	"fmt"
	"strings"
)

// The errors of this package, one for each way to end. BadFiles (problem.go)
// is for a directory that cannot run, StatementError (sqlerror.go) for SQL
// that failed.

// ErrEmpty is returned where there is nothing to run or to compare.
var ErrEmpty = errors.New("no migration files")

// Hinted is an error with what the user can do about it.
type Hinted struct {
	Err  error
	Hint string
}

func (e *Hinted) Error() string { return e.Err.Error() }
func (e *Hinted) Unwrap() error { return e.Err }

// Refusal is a request that the directory or the record does not allow:
// an irreversible migration, a version that does not exist.
type Refusal struct {
	Reason, Hint string
	// Each are the reasons where there are several; Reason has them all.
	Each []string
}

func (e *Refusal) Error() string { return e.Reason }

// ChangedError is a file that is no longer the one that was planned.
type ChangedError struct {
	File string
	// Standing is the one line that says what is and is not in place now, or "".
	Standing string
	Err      error
}

func (e *ChangedError) Error() string {
	if e.Standing == "" {
		return e.File + " changed since it was planned"
	}
	return e.File + " changed since it was planned: " + e.Standing
}

func (e *ChangedError) Unwrap() error { return e.Err }

// Disagreement is record and directory telling different stories.
type Disagreement struct{ Findings []Finding }

func (e *Disagreement) Error() string {
	lines := make([]string, len(e.Findings))
	for i, f := range e.Findings {
		lines[i] = f.String()
	}
	return strings.Join(lines, "\n")
}

// LockTimeoutError is the runner's lock not had in time.
type LockTimeoutError struct{ Holder string }

func (e *LockTimeoutError) Error() string {
	return "gave up waiting for the runner's lock; " + e.Holder
}

// Unreachable is a database that cannot be connected to, or was lost before
// the outcome could be read.
type Unreachable struct{ Err error }

func (e *Unreachable) Error() string { return e.Err.Error() }
func (e *Unreachable) Unwrap() error { return e.Err }

// Stopped is work that a cancelled context ended in good order.
type Stopped struct {
	// Where says what is in place and what is not.
	Where string
	Cause error
}

func (e *Stopped) Error() string { return fmt.Sprintf("stopped: %s", e.Where) }
func (e *Stopped) Unwrap() error { return e.Cause }
