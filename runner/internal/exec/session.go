// Package exec runs the steps of a migration on a session: as a transaction, in a group
// of them, or outside of one between two checkpoints, and finds out what became of a step
// whose answer was lost. What that means for the run is decided above it.
package exec

import (
	"strings"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"rung/runner/internal/lock"
	"rung/runner/internal/pgconn"
	"rung/runner/internal/store"
)

// Session is one session that runs the statements of migrations.
type Session struct {
	Conn    *pgconn.Session
	History *store.History
	Limits  Limits
	Monitor *lock.Monitor
	Cluster Cluster
	Says    Listener
	// Together is true while all files are one transaction.
	Together bool
	// Left says what a failed statement left behind.
	Left string
}

// Beside is another session that works on the same, beside this one.
func (x *Session) Beside(conn *pgconn.Session) *Session {
	side := *x
	side.Conn, side.Monitor = conn, x.Monitor.Beside()
	return &side
}

// Listener is told of what happens on a session.
type Listener interface {
	lock.Listener
	// Notice is what the server says while the statement on that line runs.
	Notice(file string, line int, n *pq.Error)
	// Cleaned says that an INVALID index which an earlier try left was dropped.
	Cleaned(file, index string)
}

// Stopped says that the context ended between two batches.
type Stopped struct{}

func (*Stopped) Error() string { return "stopped between two batches" }

// isRetryable reports whether a statement met a lock, and another try may succeed.
func isRetryable(err error) bool {
	return pq.As(err, pqerror.LockNotAvailable, pqerror.TRDeadlockDetected, pqerror.TRSerializationFailure) != nil
}

// MayPass reports whether what a statement met may be over at another try: a lock, or on
// Citus a worker that is down. The coordinator has rolled all of the transaction back,
// on the other workers too, or its history tells that it was committed.
func (x *Session) MayPass(err error) bool {
	e := pq.As(err)
	return isRetryable(err) || x.Cluster.On && e != nil && strings.HasPrefix(string(e.Code), "08")
}
