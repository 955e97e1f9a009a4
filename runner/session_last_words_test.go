package runner

import (
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/lib/pq"

	"rung/internal/pgtest"
	"rung/runner/internal/pgconn"
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
		s, err := pgconn.Connect(t.Context(), testRunner(t, url, nil).cfg.Conn)
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
