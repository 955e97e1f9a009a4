// Package lock is the migration lock, and what is asked over the session that holds it:
// who blocks the statement that runs, and how far that is.
package lock

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"rung/runner/internal/files"
	"rung/runner/internal/pgconn"
	"rung/runner/internal/store"
)

// Lock is the migration lock: a transaction-level advisory lock in an idle
// transaction of a connection of its own. It is polled for, never blocked on:
// a blocked pg_advisory_lock is a running statement with a snapshot, which
// CREATE INDEX CONCURRENTLY waits for; an idle READ COMMITTED transaction has
// none, and pins its server connection in PgBouncer's transaction mode.
//
// A transaction has a snapshot while it asks a question, though, and a CREATE
// INDEX CONCURRENTLY that sees it then waits for the transaction's end. So each
// question is the last one of its transaction: the lock goes on to the next
// transaction within the same message, by a session lock that spans the two.
type Lock struct {
	mu       sync.Mutex // the session is used by one at a time
	Session  *pgconn.Session
	book     store.Book
	giveBack func(*pgconn.Session)
	since    int // when it was taken, in the form that lock.sql gives it
}

// ErrLost is the cause of the end of a run that has the lock no more.
var ErrLost = errors.New("the connection that holds the migration lock was lost")

// LookLimit is how long a question over the lock's session may take.
const LookLimit = 20 * time.Second

// New is the lock of a history that this session takes. GiveBack takes the
// session in afterwards.
func New(s *pgconn.Session, b store.Book, giveBack func(*pgconn.Session)) *Lock {
	return &Lock{Session: s, book: b, giveBack: giveBack}
}

// WithoutLock is the end of a run whose lock was lost. The server may be well.
func WithoutLock(err error) error {
	return &files.HintedError{Err: &pgconn.UnreachableError{Err: err}, Hint: "an administrator, a server timeout or the network ended that connection, and without the lock another rung could run the same files; nothing is lost: run rung again, it resumes there"}
}

// Try asks once. Without the lock no transaction stays open.
func (l *Lock) Try(ctx context.Context) (got bool, err error) {
	err = l.Session.Query(ctx, l.book.SQL("lock", l.values()), func(rows *sql.Rows) error {
		var noted *bool // that the time is there to read for those who wait
		return rows.Scan(&got, &l.since, &noted)
	})
	if err == nil && !got {
		err = l.Session.Exec(ctx, "ROLLBACK")
	}
	if err != nil {
		return false, fmt.Errorf("take the migration lock: %w", err)
	}
	return got, nil
}

// noTransactionTimeout switches that timeout off on the servers that have it. The
// history was read before, and the server's version with it.
func (l *Lock) noTransactionTimeout() string {
	if l.book.Start.Version < 170000 {
		return ""
	}
	return "SET LOCAL transaction_timeout = 0;\n"
}

// values are the keys of the lock, and of the shared one beside it whose second
// half tells since when: the transaction's start does not, as it is renewed.
func (l *Lock) values() store.Values {
	return store.Values{"lock_key": l.book.LockKey(), "since_key": l.book.SinceKey(), "begin": store.Fragment(l.book.SQL("lock_begin", nil) + l.book.SQL("keepalives", nil) + l.noTransactionTimeout())}
}

// Blockers asks who blocks a server process, and carries the lock
// over into a new transaction. The claim, which may be empty, says to others what
// is run.
func (l *Lock) Blockers(ctx context.Context, pid int, claim string) (bs []Blocker, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return BlockersOf(ctx, l.Session, claim+l.ask("blockers", pid))
}

// ask is the SQL of a question about a server process, and of the lock's turn
// behind it.
func (l *Lock) ask(question string, pid int) string {
	v := l.values()
	v["pid"], v["since"] = pid, l.since
	return l.book.SQL(question, v) + l.book.SQL("lock_turn", v)
}

// waitersFor reports whether somebody waits for a lock on a table, or on one of
// its partitions or children.
func (l *Lock) waitersFor(table, claim string) (waits bool, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), LookLimit)
	defer cancel()
	l.mu.Lock()
	defer l.mu.Unlock()
	v := l.values()
	v["table"], v["since"] = table, l.since
	err = l.Session.Query(ctx, claim+l.book.SQL("vacuum_waiters", v)+l.book.SQL("lock_turn", v), func(rows *sql.Rows) error { return rows.Scan(&waits) })
	return waits, err
}

// IndexProgress is how far the build of an index is, where the server knows.
func (l *Lock) IndexProgress(ctx context.Context, pid int, claim string) (p Phase, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	err = l.Session.Query(ctx, claim+l.ask("index_progress", pid), func(rows *sql.Rows) error {
		var blocks, allBlocks, tuples, allTuples int64
		if err := rows.Scan(&p.Name, &blocks, &allBlocks, &tuples, &allTuples); err != nil {
			return err
		}
		p.Done, p.Total = tuples, allTuples
		if allTuples == 0 {
			p.Done, p.Total = blocks, allBlocks
		}
		return nil
	})
	return p, err
}

// Release ends the transaction, and the lock with it.
func (l *Lock) Release() {
	l.mu.Lock()
	defer l.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	// Closing the connection does the same, save for a session lock that a turn
	// cut short left on a pooler's connection.
	if l.Session.Exec(ctx, l.book.SQL("unlock", nil)) != nil {
		l.Session.Close()
		return
	}
	l.giveBack(l.Session)
}
