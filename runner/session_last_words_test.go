package runner

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/lib/pq"

	"rung/internal/pgtest"
	"rung/runner/internal/pgconn"
	"rung/runner/internal/store"
)

// Why the server ended a session is said, with its SQLSTATE, and is a lost
// connection all the same.
func TestLastWords(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	for message, want := range map[string]string{
		"SELECT pg_terminate_backend(pg_backend_pid())":                               "the server ended the connection: terminating connection due to administrator command (57P01)",
		"SET idle_session_timeout = 1; SELECT 1":                                      "the server ended the connection: terminating connection due to idle-session timeout (57P05)",
		"BEGIN; SET LOCAL idle_in_transaction_session_timeout = 1; SELECT 1 AS begun": "the server ended the connection: terminating connection due to idle-in-transaction timeout (25P03)",
	} {
		s, err := pgconn.Connect(t.Context(), testRunner(t, url, nil).target())
		if err != nil {
			t.Fatal(err)
		}
		for err = s.Exec(t.Context(), message); err == nil; {
			for deadline := time.Now().Add(20 * time.Second); !s.Readable() && time.Now().Before(deadline); {
				runtime.Gosched()
			}
			err = s.Exec(t.Context(), "SELECT 2")
		}
		var lost *pgconn.LostError
		if err.Error() != want || !errors.As(err, &lost) || !pgconn.IsLost(err) || pq.As(err) == nil {
			t.Errorf("%s: %v", message, err)
		}
		s.Close()
	}
}

// A file that ends its own session is told apart from a network that broke.
func TestUpTellsTheLastWords(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	_, err := upFails(t, url, pairs{"1_a.up.sql": "CREATE TABLE t ();\n\nSELECT pg_terminate_backend(pg_backend_pid());\n"})
	var statement *StatementError
	if !errors.As(err, &statement) || statement.Line != 3 || !strings.HasSuffix(err.Error(), ": terminating connection due to administrator command (57P01)") {
		t.Errorf("%v", err)
	}
}

// A session that ends between two messages of a step, here while it waits for what a
// dead runner left behind, fails as one that ends within its statement: with its place,
// and what is in place.
func TestLossBetweenMessages(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	f := pairs{"1_a.up.sql": "-- rung:no-transaction\nCREATE TABLE t ();\nDROP INDEX CONCURRENTLY i;\n"}
	_, _ = upFails(t, url, f)
	left := make(chan bool)
	go func() {
		defer close(left)
		pgtest.Exec(t, url, fmt.Sprintf("/* rung %x: up 1, step 2 */ DO $$BEGIN PERFORM pg_sleep(50); EXCEPTION WHEN query_canceled THEN NULL; END$$", uint64(store.Book{Schema: "rung"}.LockKey())))
	}()
	eventually(t, "the statement runs", func() bool {
		return ask(t, url, "SELECT count(*) FROM pg_stat_activity WHERE starts_with(query, '/* rung') AND state = 'active'") == "1"
	})
	_, err := upFails(t, url, f, func(c *Config) {
		c.Events = func(e Event) {
			if _, ok := e.(Blocked); ok {
				pgtest.Exec(t, url, `SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity AS a
					WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND NOT starts_with(query, '/* rung')
					  AND NOT EXISTS (SELECT FROM pg_locks AS l WHERE l.pid = a.pid AND l.locktype = 'advisory')`)
			}
		}
	})
	pgtest.Exec(t, url, "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE starts_with(query, '/* rung')")
	<-left
	e := failing(t, err)
	if !strings.HasPrefix(err.Error(), "sql/1_a.up.sql:3:1: ") || !strings.Contains(e.Standing, "step 1 of 2") || e.Hint != "`rung up` starts it again" {
		t.Errorf("%v\n%s\n%s", err, e.Standing, e.Hint)
	}
}
