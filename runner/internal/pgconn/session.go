// Package pgconn is the way to the server: a session, the messages that it sends, the
// progress notices that come back, and what a lost connection means. It knows
// neither the history tables nor what runs.
package pgconn

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/lib/pq"
)

// Session is one connection to the server. Everything goes through the simple
// protocol, a message a call: several statements travel together, and
// PgBouncer's transaction mode can follow (parameters outside of a transaction
// would take two trips that may reach two servers).
type Session struct {
	db   *sql.DB
	Conn *sql.Conn
	// OnNotice gets what the server says beside its results. It is called
	// while a message runs, from the goroutine that runs it.
	OnNotice func(*pq.Error)
	// pid is the server process that last told its own.
	PID int
	// Affected is the number of rows that the last statement of the last
	// message touched.
	Affected int64

	mu    sync.Mutex
	net   net.Conn
	words *lastWords // the same, as the driver has it
	// Server is the one of the address's hosts that answered, and its port.
	Server string
	// Database is the one that it is connected to, as User.
	Database, User string
}

// Dial, DialTimeout and DialContext are pq's Dialer: the session keeps its
// network connection at hand so that it can be cut.
func (s *Session) Dial(network, address string) (net.Conn, error) {
	return s.DialContext(context.Background(), network, address)
}

// DialTimeout is Dial with a limit.
func (s *Session) DialTimeout(network, address string, timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return s.DialContext(ctx, network, address)
}

// DialContext is Dial with a context. The first connection is the session's
// own; later ones carry cancel requests.
func (s *Session) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	c, err := (&net.Dialer{}).DialContext(ctx, network, address)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil || s.Conn != nil {
		return c, err
	}
	s.net, s.words, s.Server = c, &lastWords{Conn: c}, strings.Replace(address, "/.s.PGSQL.", ":", 1)
	return s.words, nil
}

// CancelGrace is how long a cancelled message may take to end before its
// connection is cut: a cancel request cannot reach a network that is gone.
const CancelGrace = 10 * time.Second

// Guard cuts the connection if ctx has ended and the message has not, a grace
// later. The returned function ends the watch.
func (s *Session) Guard(ctx context.Context) (stop func()) {
	done := make(chan struct{})
	forget := context.AfterFunc(ctx, func() {
		select {
		case <-done:
		case <-time.After(CancelGrace):
			s.Cut()
		}
	})
	return func() { forget(); close(done) }
}

// Cut closes the network connection under the session.
func (s *Session) Cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.net != nil {
		s.net.Close()
	}
}

// Exec sends one message and waits for the end of it.
func (s *Session) Exec(ctx context.Context, message string) error {
	defer s.Guard(ctx)()
	res, err := s.Conn.ExecContext(ctx, message)
	if err == nil {
		s.Affected, _ = res.RowsAffected() // 0 where the last statement counts none
	}
	return s.Named(err)
}

// Named gives the errors of a lost connection their name, and the reason that
// the server gave for its end.
func (s *Session) Named(err error) error {
	var op *net.OpError
	switch {
	case err != nil && strings.HasPrefix(err.Error(), "pq: server error: "):
		return &unreadableError{err}
	case errors.Is(err, driver.ErrBadConn), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF),
		errors.Is(err, sql.ErrConnDone), errors.As(err, &op):
		lost := &LostError{err: err}
		s.mu.Lock()
		words := s.words
		s.mu.Unlock()
		if words != nil {
			lost.farewell = words.farewell()
		}
		return lost
	}
	return err
}

// Query sends one message and scans each row of its first result that has
// columns. Errors of the statements after it are reported too.
func (s *Session) Query(ctx context.Context, message string, scan func(*sql.Rows) error) error {
	return s.QueryAfter(ctx, message, 0, scan)
}

// QueryAfter is query for the result that comes after so many others.
func (s *Session) QueryAfter(ctx context.Context, message string, others int, scan func(*sql.Rows) error) error {
	defer s.Guard(ctx)()
	rows, err := s.Conn.QueryContext(ctx, message)
	if err != nil {
		return s.Named(err)
	}
	for range others {
		for rows.Next() {
			continue
		}
		rows.NextResultSet()
	}
	for rows.Next() {
		if err := scan(rows); err != nil {
			rows.Close()
			return err
		}
	}
	return s.Named(errors.Join(rows.Err(), rows.Close()))
}

// Raw gives the driver's connection, for COPY.
func (s *Session) Raw(f func(driver.Conn) error) error {
	return s.Named(s.Conn.Raw(func(c any) error { return f(c.(driver.Conn)) }))
}

// Alive reports whether the connection can still be used.
func (s *Session) Alive() bool {
	return s.Raw(func(c driver.Conn) error {
		if v, ok := c.(driver.Validator); ok && !v.IsValid() {
			return driver.ErrBadConn
		}
		return nil
	}) == nil
}

// Close ends the session; the server rolls back what is open.
func (s *Session) Close() {
	s.Conn.Close()
	s.db.Close()
}
