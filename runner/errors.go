package runner

import (
	"fmt"
)

// LockTimeoutError is the runner's lock not had in time.
type LockTimeoutError struct{ Holder string }

func (e *LockTimeoutError) Error() string {
	return "timed out waiting for the migration lock: " + e.Holder
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
