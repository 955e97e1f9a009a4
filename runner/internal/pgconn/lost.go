package pgconn

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"rung/internal/script"
)

// LostError says in plain words what the driver says of a connection.
type LostError struct {
	err error
	// farewell is the error with which the server ended it, or nil.
	farewell *pq.Error
}

func (e *LostError) Unwrap() []error {
	if e.farewell == nil {
		return []error{e.err}
	}
	return []error{e.farewell, e.err}
}

func (e *LostError) Error() string {
	var op *net.OpError
	if e.farewell != nil {
		return fmt.Sprintf("the server ended the connection: %s (%s)", e.farewell.Message, e.farewell.Code)
	}
	if errors.As(e.err, &op) && !errors.Is(op.Err, net.ErrClosed) {
		return "the connection was lost: " + op.Err.Error()
	}
	return "the connection was lost"
}

// unreadableError stands for an error that the server reported and the driver
// did not read, whereupon it gave the connection up: it takes one of more than
// 30,000 bytes for the plain text of a server that cannot start a process
// (lib/pq, conn.go, recvMessage). Contexts make them so long.
type unreadableError struct{ err error }

func (e *unreadableError) Unwrap() error { return e.err }

func (e *unreadableError) Error() string {
	return "the server reported an error of more than 30,000 bytes, which the driver cannot read; the server's log has it"
}

func IsUnreadable(err error) bool {
	var u *unreadableError
	return errors.As(err, &u)
}

// WasEnded reports whether an error is the end of a connection, as the driver or the
// server says it, and is not yet an UnreachableError.
func WasEnded(err error) bool {
	var lost *LostError
	var u *UnreachableError
	return (errors.As(err, &lost) || pq.As(err) != nil && IsLost(err)) && !errors.As(err, &u)
}

// IsLost tells an error of the connection from one of a statement: the server
// gave no answer, or said that it is going away.
func IsLost(err error) bool {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, script.ErrChanged) {
		return false
	}
	e := pq.As(err)
	if e == nil {
		var strayed *StrayedError
		return !errors.As(err, &strayed)
	}
	return e.Fatal() || pq.As(err, pqerror.AdminShutdown, pqerror.CrashShutdown, pqerror.CannotConnectNow, pqerror.IdleSessionTimeout) != nil
}
