package runner

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

// lock is the migration lock: a transaction-level advisory lock in an idle
// transaction of a connection of its own. It is polled for, never blocked on:
// a blocked pg_advisory_lock is a running statement with a snapshot, which
// CREATE INDEX CONCURRENTLY waits for; an idle READ COMMITTED transaction has
// none, and pins its server connection in PgBouncer's transaction mode.
//
// A transaction has a snapshot while it asks a question, though, and a CREATE
// INDEX CONCURRENTLY that sees it then waits for the transaction's end. So each
// question is the last one of its transaction: the lock goes on to the next
// transaction within the same message, by a session lock that spans the two.
type lock struct {
	mu sync.Mutex // the session is used by one at a time
	s  *pgconn.Session
	b  store.Book
	// sessions take the connection in afterwards.
	sessions *Sessions
	since    int // when it was taken, in the form that lock.sql gives it
	// version is the server's, as server_version_num has it; 0 at first.
	version int
}

var errLockLost = errors.New("the connection that holds the migration lock was lost")

// withoutLock is the end of a run whose lock was lost. The server may be well.
func withoutLock(err error) error {
	return &files.HintedError{Err: &pgconn.UnreachableError{Err: err}, Hint: "an administrator, a server timeout or the network ended that connection, and without the lock another rung could run the same files; nothing is lost: run rung again, it resumes there"}
}

// try asks once. Without the lock no transaction stays open.
func (l *lock) try(ctx context.Context) (got bool, err error) {
	v, known := l.values(), l.version
	err = l.s.Query(ctx, l.b.SQL("lock", v), func(rows *sql.Rows) error {
		var noted *bool // that the time is there to read for those who wait
		return rows.Scan(&got, &l.since, &noted, &l.version)
	})
	switch {
	case err != nil:
	case !got:
		err = l.s.Exec(ctx, "ROLLBACK")
	case known == 0 && l.noTransactionTimeout() != "":
		err = l.s.Exec(ctx, l.noTransactionTimeout())
	}
	if err != nil {
		return false, fmt.Errorf("take the migration lock: %w", err)
	}
	return got, nil
}

// noTransactionTimeout switches that timeout off on the servers that have it,
// by a SET alone, since anything that can look at the version takes a snapshot.
func (l *lock) noTransactionTimeout() string {
	if l.version < 170000 {
		return ""
	}
	return "SET LOCAL transaction_timeout = 0;\n"
}

// values are the keys of the lock, and of the shared one beside it whose second
// half tells since when: the transaction's start does not, as it is renewed.
func (l *lock) values() store.Values {
	return store.Values{"lock_key": l.b.LockKey(), "since_key": l.b.SinceKey(), "begin": store.Fragment(l.b.SQL("lock_begin", nil) + l.b.SQL("keepalives", nil) + l.noTransactionTimeout())}
}

// holder asks who has the lock. A zero Holder means nobody.
func holderOf(ctx context.Context, s *pgconn.Session, b store.Book) (h Holder, err error) {
	err = s.Query(ctx, b.SQL("lock_holder", store.Values{"lock_key": b.LockKey(), "since_key": b.SinceKey()}), func(rows *sql.Rows) error {
		var query string
		var asked *time.Time
		var ago *int64
		err := rows.Scan(&h.PID, &h.User, &h.Application, &h.Since, &query, &asked, &ago)
		if file, took, ok := readClaim(query); ok && asked != nil && ago != nil {
			since := asked.Add(-took)
			h.File, h.FileSince, h.FileTook = file, &since, took+time.Duration(*ago)*time.Millisecond
		}
		return err
	})
	return h, err
}

// String says who holds the lock, for a person who waits.
func (h Holder) String() string {
	if h.PID == 0 {
		return "another rung has just finished"
	}
	s := fmt.Sprintf("held by pid %d", h.PID)
	if h.Application != "" {
		s += fmt.Sprintf(" (%s)", h.Application)
	}
	if h.Since != nil {
		s += " since " + h.Since.Local().Format(time.TimeOnly)
	}
	if h.File != "" {
		s += fmt.Sprintf(", running %s for %s", h.File, h.FileTook.Round(time.Second))
	}
	return s
}

// blockers asks who is in the way of a server process, and carries the lock
// over into a new transaction. The claim, which may be empty, says to others what
// is run.
func (l *lock) blockers(ctx context.Context, pid int, claim string) (bs []Blocker, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return blockersOf(ctx, l.s, claim+l.ask("blockers", pid))
}

// ask is the SQL of a question about a server process, and of the lock's turn
// behind it.
func (l *lock) ask(question string, pid int) string {
	v := l.values()
	v["pid"], v["since"] = pid, l.since
	return l.b.SQL(question, v) + l.b.SQL("lock_turn", v)
}

// waitersFor reports whether somebody waits for a lock on a table, or on one of
// its partitions or children.
func (l *lock) waitersFor(table, claim string) (waits bool, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), lookLimit)
	defer cancel()
	l.mu.Lock()
	defer l.mu.Unlock()
	v := l.values()
	v["table"], v["since"] = table, l.since
	err = l.s.Query(ctx, claim+l.b.SQL("vacuum_waiters", v)+l.b.SQL("lock_turn", v), func(rows *sql.Rows) error { return rows.Scan(&waits) })
	return waits, err
}

// indexProgress adds how far the build of an index is, where the server knows.
func (l *lock) indexProgress(ctx context.Context, pid int, claim string, e *Working) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.s.Query(ctx, claim+l.ask("index_progress", pid), func(rows *sql.Rows) error {
		var blocks, allBlocks, tuples, allTuples int64
		if err := rows.Scan(&e.Phase, &blocks, &allBlocks, &tuples, &allTuples); err != nil {
			return err
		}
		e.PhaseDone, e.PhaseTotal = tuples, allTuples
		if allTuples == 0 {
			e.PhaseDone, e.PhaseTotal = blocks, allBlocks
		}
		return nil
	})
}

// blockers reads sessions, as blockers.sql lists them.
func blockersOf(ctx context.Context, s *pgconn.Session, q string) (bs []Blocker, err error) {
	err = s.Query(ctx, q, func(rows *sql.Rows) error {
		var b Blocker
		var ms *int64
		if err := rows.Scan(&b.PID, &b.User, &b.Application, &b.State, &ms, &b.Query); err != nil {
			return err
		}
		if ms != nil {
			b.Age = time.Duration(*ms) * time.Millisecond
		}
		bs = append(bs, b)
		return nil
	})
	return bs, err
}

// release ends the transaction, and the lock with it.
func (l *lock) release() {
	l.mu.Lock()
	defer l.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	// Closing the connection does the same, save for a session lock that a turn
	// cut short left on a pooler's connection.
	if l.s.Exec(ctx, "ROLLBACK;\nSELECT pg_catalog.pg_advisory_unlock_all()") != nil {
		l.s.Close()
		return
	}
	l.sessions.put(l.s)
}
