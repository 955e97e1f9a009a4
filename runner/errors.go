package runner

import (
	"fmt"
	"time"

	"github.com/lib/pq"

	"rung/internal/english"
	"rung/runner/internal/files"
	"rung/runner/internal/pgconn"
	"rung/runner/internal/store"
)

// LockTimeoutError is a wait for the migration lock that took longer than LockWait, or
// for the worker of a background backfill.
type LockTimeoutError struct {
	Holder string
	// Backfill is the migration whose worker was to stop; "" for the migration lock.
	Backfill string
}

func (e *LockTimeoutError) Error() string {
	if e.Backfill != "" {
		return "timed out waiting for the backfill of " + e.Backfill + " to stop: " + e.Holder
	}
	return "timed out waiting for the migration lock: " + e.Holder
}

// StoppedError is work that a cancelled context ended in good order.
type StoppedError struct {
	// Where says what is in place and what is not.
	Where string
	Cause error
}

func (e *StoppedError) Error() string { return fmt.Sprintf("stopped: %s", e.Where) }

func (e *StoppedError) Unwrap() error { return e.Cause }

// UnknownRunError is Request.Run with a name that the history does not have.
type UnknownRunError struct{ Refusal *RefusalError }

func (e *UnknownRunError) Error() string { return e.Refusal.Error() }

func (e *UnknownRunError) Unwrap() error { return e.Refusal }

// UnreachableError is the error for a server that cannot be reached, or whose connection
// was lost.
type UnreachableError = pgconn.UnreachableError

// HistoryError says that the history tables are there and are not as rung creates
// them.
type HistoryError = store.HistoryError

// PausedError ends a run whose backfill is paused: nothing is held meanwhile.
type PausedError struct {
	Version Version
	Title   string // as the file's name has it
	Name    string
	By      string
	Since   time.Time
}

func (e *PausedError) Error() string {
	return fmt.Sprintf("%s is paused by %s since %s; `rung resume` continues it", e.Title, e.By, e.Since.Format(time.TimeOnly))
}

// hide takes out of an error what the file keeps secret. What the server adds to
// its message has the values of rows and parts of statements in it.
func (e *StatementError) hide(s *files.Script) {
	if !s.Secret {
		return
	}
	if p := pq.As(e.Err); p != nil {
		hidden := *p
		hidden.Message = s.Shown(p.Message)
		hidden.Detail, hidden.Hint, hidden.Where, hidden.InternalQuery = "", "", "", ""
		e.Err = &hidden
	}
}

// StatementError is SQL that failed, with its place in the file.
type StatementError struct {
	File      string
	Line, Col int
	// Part says, for Line 0, what of the migration failed that is no statement
	// of the file: AtCommit or InHistory.
	Part string
	// Source is the line of the file; Caret the column, in characters, that
	// the server points at, or 0 for an error that has no position.
	Source string
	Caret  int
	// Err is the server's own error, or that of the connection.
	Err error
	// Standing is the one line that says what is and is not in place now.
	Standing string
	// Hint is rung's own advice, or "".
	Hint string
	// Attempts is how often the statement was tried.
	Attempts int
	// Keys are the first and last key of the batch that failed, or "", and
	// KeyCount how many it has. Key is the one that it fails for, or "" where that
	// is not known.
	Keys     string
	KeyCount int
	Key      string
	// Blockers are the sessions that blocked the attempt when it met its lock timeout.
	Blockers []Blocker
}

// Error is the first line: file:line:col: message (SQLSTATE).
func (e *StatementError) Error() string {
	s := fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Col, e.message())
	if e.Line == 0 {
		s = fmt.Sprintf("%s: %s: %s", e.File, e.Part, e.message())
	}
	if e.Key != "" {
		s += ", for the key " + e.Key
	}
	if e.KeyCount > 1 || e.Keys != "" && e.Key == "" {
		s += fmt.Sprintf(", in the batch of %s %s", english.Count(e.KeyCount, "key"), e.Keys)
	}
	if e.Attempts > 1 {
		s += fmt.Sprintf(", after %d attempts", e.Attempts)
	}
	return s
}

func (e *StatementError) message() string {
	if p := pq.As(e.Err); p != nil {
		return fmt.Sprintf("%s (%s)", p.Message, p.Code)
	}
	return e.Err.Error()
}

// said is the error without its line and SQLSTATE.
func (e *StatementError) said() string {
	s := e.Err.Error()
	if p := pq.As(e.Err); p != nil {
		s = p.Message
	}
	if e.Line == 0 {
		s = e.Part + ": " + s
	}
	if e.Keys != "" {
		s += ", in the batch of keys " + e.Keys
	}
	return s
}

// Unwrap gives the server's error.
func (e *StatementError) Unwrap() error { return e.Err }
