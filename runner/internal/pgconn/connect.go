package pgconn

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"
)

// UnreachableError is a database that cannot be connected to, or was lost before
// the outcome could be read.
type UnreachableError struct{ Err error }

func (e *UnreachableError) Error() string { return e.Err.Error() }

func (e *UnreachableError) Unwrap() error { return e.Err }

// IsCrowded reports whether a server, a database, a role or a pooler has no
// connection to spare. PgBouncer has the SQLSTATE of a broken protocol for it.
func IsCrowded(err error) bool {
	e := pq.As(err, pqerror.ProtocolViolation)
	return pq.As(err, pqerror.TooManyConnections) != nil || e != nil && strings.HasPrefix(e.Message, "no more connections allowed")
}

// Connect opens a session. Errors are *UnreachableError.
func Connect(ctx context.Context, t Target) (*Session, error) {
	s := &Session{OnNotice: func(*pq.Error) {}, Database: t.Database, User: t.User}
	connector, err := t.connector(s)
	if err != nil {
		return nil, err
	}
	s.db = sql.OpenDB(pq.ConnectorWithNoticeHandler(connector, func(n *pq.Error) { s.OnNotice(n) }))
	// A server that accepts and says nothing would keep the driver waiting.
	defer context.AfterFunc(ctx, s.Cut)()
	s.Conn, err = s.db.Conn(ctx)
	if err != nil {
		s.db.Close()
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, &UnreachableError{fmt.Errorf("connect to %s: %w", t, err)}
	}
	if t.Connector != nil {
		err = s.askNames(ctx)
	}
	if err != nil {
		s.Close()
		return nil, LostIs(err)
	}
	return s, nil
}

// ConnectWaiting opens a session, and tries again for as long as wait says
// while the server is not there, starting up, or full. Where ctx has a deadline that
// comes first, the error is why the last try failed.
func ConnectWaiting(ctx context.Context, t Target, wait time.Duration, waiting func(err error, left time.Duration)) (*Session, error) {
	deadline := time.Now().Add(wait)
	for b := NewBackoff(100*time.Millisecond, 2*time.Second); ; {
		s, err := Connect(ctx, t)
		if err == nil || !WorthWaiting(err) || !time.Now().Before(deadline) {
			return s, err
		}
		waiting(err, time.Until(deadline))
		if over := b.Sleep(ctx); errors.Is(over, context.DeadlineExceeded) {
			return nil, err
		} else if over != nil {
			return nil, over
		}
	}
}

// WorthWaiting tells a server that is not up yet from one that says no, and from
// what no waiting cures: a certificate, a key, a server without TLS.
func WorthWaiting(err error) bool {
	var u *UnreachableError
	if !errors.As(err, &u) {
		return false
	}
	if e := pq.As(err); e != nil {
		return IsCrowded(err) || pq.As(err, pqerror.CannotConnectNow, pqerror.AdminShutdown, pqerror.CrashShutdown) != nil
	}
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "remote error" || errors.Is(err, fs.ErrPermission) { // an alert of TLS; a socket of others
		return false
	}
	return op != nil || errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, syscall.ECONNRESET)
}

// LostIs turns a lost connection into UnreachableError.
func LostIs(err error) error {
	var u *UnreachableError
	if IsLost(err) && !errors.As(err, &u) {
		return &UnreachableError{Err: err}
	}
	return err
}
