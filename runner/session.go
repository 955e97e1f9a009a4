package runner

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
	"sync"
	"syscall"
	"time"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"rung/internal/script"
)

// session is one connection to the server. Everything goes through the simple
// protocol, a message a call: several statements travel together, and
// PgBouncer's transaction mode can follow (parameters outside of a transaction
// would take two trips that may reach two servers).
type session struct {
	db   *sql.DB
	conn *sql.Conn
	// onNotice gets what the server says beside its results. It is called
	// while a message runs, from the goroutine that runs it.
	onNotice func(*pq.Error)
	// pid is the server process that last told its own.
	pid int
	// affected is the number of rows that the last statement of the last
	// message touched.
	affected int64

	mu    sync.Mutex
	net   net.Conn
	words *lastWords // the same, as the driver has it
	// server is the one of the address's hosts that answered, and its port.
	server string
}

// connect opens a session. Errors are *Unreachable.
func connect(ctx context.Context, cfg pq.Config) (*session, error) {
	s := &session{onNotice: func(*pq.Error) {}}
	connector, err := pq.NewConnectorConfig(cfg)
	if err != nil {
		return nil, err
	}
	connector.Dialer(s)
	s.db = sql.OpenDB(pq.ConnectorWithNoticeHandler(connector, func(n *pq.Error) { s.onNotice(n) }))
	// A server that accepts and says nothing would keep the driver waiting.
	defer context.AfterFunc(ctx, s.cut)()
	s.conn, err = s.db.Conn(ctx)
	if err != nil {
		s.db.Close()
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, &Unreachable{fmt.Errorf("connect to %s: %w", address(cfg), err)}
	}
	return s, nil
}

// address names the server for messages. It never holds the password.
func address(cfg pq.Config) string {
	host := cfg.Host
	if cfg.Hostaddr.IsValid() {
		host = cfg.Hostaddr.String()
	}
	return fmt.Sprintf("%s:%d/%s as %s", host, cfg.Port, cfg.Database, cfg.User)
}

// connectWaiting opens a session, and tries again for as long as wait says
// while the server is not there, starting up, or full.
func connectWaiting(ctx context.Context, cfg pq.Config, wait time.Duration, emit func(Event)) (*session, error) {
	deadline := time.Now().Add(wait)
	for b := newBackoff(100*time.Millisecond, 2*time.Second); ; {
		s, err := connect(ctx, cfg)
		if err == nil || !worthWaiting(err) || !time.Now().Before(deadline) {
			return s, err
		}
		emit(WaitingForServer{Err: err, Left: time.Until(deadline)})
		if err := b.sleep(ctx); err != nil {
			return nil, err
		}
	}
}

// worthWaiting tells a server that is not up yet from one that says no, and from
// what no waiting cures: a certificate, a key, a server without TLS.
func worthWaiting(err error) bool {
	var u *Unreachable
	if !errors.As(err, &u) {
		return false
	}
	if e := pq.As(err); e != nil {
		return isCrowded(err) || pq.As(err, pqerror.CannotConnectNow, pqerror.AdminShutdown, pqerror.CrashShutdown) != nil
	}
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "remote error" || errors.Is(err, fs.ErrPermission) { // an alert of TLS; a socket of others
		return false
	}
	return op != nil || errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, syscall.ECONNRESET)
}

// Dial, DialTimeout and DialContext are pq's Dialer: the session keeps its
// network connection at hand so that it can be cut.
func (s *session) Dial(network, address string) (net.Conn, error) {
	return s.DialContext(context.Background(), network, address)
}

// DialTimeout is Dial with a limit.
func (s *session) DialTimeout(network, address string, timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return s.DialContext(ctx, network, address)
}

// DialContext is Dial with a context. The first connection is the session's
// own; later ones carry cancel requests.
func (s *session) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	c, err := (&net.Dialer{}).DialContext(ctx, network, address)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil || s.conn != nil {
		return c, err
	}
	s.net, s.words, s.server = c, &lastWords{Conn: c}, strings.Replace(address, "/.s.PGSQL.", ":", 1)
	return s.words, nil
}

// cancelGrace is how long a cancelled message may take to end before its
// connection is cut: a cancel request cannot reach a network that is gone.
const cancelGrace = 10 * time.Second

// guard cuts the connection if ctx has ended and the message has not, a grace
// later. The returned function ends the watch.
func (s *session) guard(ctx context.Context) (stop func()) {
	done := make(chan struct{})
	forget := context.AfterFunc(ctx, func() {
		select {
		case <-done:
		case <-time.After(cancelGrace):
			s.cut()
		}
	})
	return func() { forget(); close(done) }
}

// cut closes the network connection under the session.
func (s *session) cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.net != nil {
		s.net.Close()
	}
}

// exec sends one message and waits for the end of it.
func (s *session) exec(ctx context.Context, message string) error {
	defer s.guard(ctx)()
	res, err := s.conn.ExecContext(ctx, message)
	if err == nil {
		s.affected, _ = res.RowsAffected() // 0 where the last statement counts none
	}
	return s.named(err)
}

// lostError says in plain words what the driver says of a connection.
type lostError struct {
	err error
	// farewell is the error with which the server ended it, or nil.
	farewell *pq.Error
}

func (e *lostError) Unwrap() []error {
	if e.farewell == nil {
		return []error{e.err}
	}
	return []error{e.farewell, e.err}
}

func (e *lostError) Error() string {
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

func isUnreadable(err error) bool {
	var u *unreadableError
	return errors.As(err, &u)
}

// named gives the errors of a lost connection their name, and the reason that
// the server gave for its end.
func (s *session) named(err error) error {
	var op *net.OpError
	switch {
	case err != nil && strings.HasPrefix(err.Error(), "pq: server error: "):
		return &unreadableError{err}
	case errors.Is(err, driver.ErrBadConn), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF),
		errors.Is(err, sql.ErrConnDone), errors.As(err, &op):
		lost := &lostError{err: err}
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

// query sends one message and scans each row of its first result that has
// columns. Errors of the statements after it are reported too.
func (s *session) query(ctx context.Context, message string, scan func(*sql.Rows) error) error {
	return s.queryAfter(ctx, message, 0, scan)
}

// queryAfter is query for the result that comes after so many others.
func (s *session) queryAfter(ctx context.Context, message string, others int, scan func(*sql.Rows) error) error {
	defer s.guard(ctx)()
	rows, err := s.conn.QueryContext(ctx, message)
	if err != nil {
		return s.named(err)
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
	return s.named(errors.Join(rows.Err(), rows.Close()))
}

// raw gives the driver's connection, for COPY.
func (s *session) raw(f func(driver.Conn) error) error {
	return s.named(s.conn.Raw(func(c any) error { return f(c.(driver.Conn)) }))
}

// alive tells whether the connection can still be used.
func (s *session) alive() bool {
	return s.raw(func(c driver.Conn) error {
		if v, ok := c.(driver.Validator); ok && !v.IsValid() {
			return driver.ErrBadConn
		}
		return nil
	}) == nil
}

// close ends the session; the server rolls back what is open.
func (s *session) close() {
	s.conn.Close()
	s.db.Close()
}

// isLost tells an error of the connection from one of a statement: the server
// gave no answer, or said that it is going away.
func isLost(err error) bool {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, script.ErrChanged) {
		return false
	}
	e := pq.As(err)
	if e == nil {
		var strayed *strayedError
		return !errors.As(err, &strayed)
	}
	return e.Fatal() || pq.As(err, pqerror.AdminShutdown, pqerror.CrashShutdown, pqerror.CannotConnectNow, pqerror.IdleSessionTimeout) != nil
}
