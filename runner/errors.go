package runner

import (
	"fmt"

	"rung/runner/internal/pgconn"
	"rung/runner/internal/store"
)

// LockTimeoutError is a wait for the migration lock that took longer than LockWait.
type LockTimeoutError struct{ Holder string }

func (e *LockTimeoutError) Error() string {
	return "timed out waiting for the migration lock: " + e.Holder
}

// Stopped is work that a cancelled context ended in good order.
type Stopped struct {
	// Where says what is in place and what is not.
	Where string
	Cause error
}

func (e *Stopped) Error() string { return fmt.Sprintf("stopped: %s", e.Where) }

func (e *Stopped) Unwrap() error { return e.Cause }

// Unreachable is the error for a server that cannot be reached, or whose connection
// was lost.
type Unreachable = pgconn.Unreachable

// HistoryError says that the history tables are there and are not as rung creates
// them.
type HistoryError = store.HistoryError
