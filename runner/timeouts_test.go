package runner

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"

	"rung/internal/pgtest"
)

// timeouts are those that a careful DBA sets for a database, each shorter than
// the run of the test.
func timeouts(t *testing.T, url string) {
	t.Helper()
	// The last one is longer than the time between two looks at the lock.
	settings := map[string]string{"idle_in_transaction_session_timeout": "1500ms", "transaction_timeout": "1500ms", "idle_session_timeout": "2s"}
	if pgtest.Major(t, url) < 17 {
		delete(settings, "transaction_timeout")
	}
	for name, value := range settings {
		pgtest.Exec(t, url, fmt.Sprintf("DO $$BEGIN EXECUTE format('ALTER DATABASE %%I SET %s = %%L', current_database(), '%s'); END$$", name, value))
	}
}

var slow = pairs{
	"1_a.up.sql": "SELECT pg_sleep(0.5);\n",
	"2_b.up.sql": "-- rung:no-transaction\nSELECT pg_sleep(0.5);\nCREATE TABLE b (id int);\nSELECT pg_sleep(0.5);\n",
	"3_c.up.sql": "CREATE INDEX CONCURRENTLY ON b (id);\n",
	"4_d.up.sql": "SELECT pg_sleep(0.5);\n",
	"5_e.up.sql": "SELECT pg_sleep(0.5);\n",
	"6_f.up.sql": "SELECT pg_sleep(0.5);\n",
}

// The transaction that holds the migration lock outlives every timeout of the
// database, and a runner that waits for it outlives them too.
func TestTimeoutsOfTheDatabase(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	timeouts(t, url)
	second := make(chan error, 1)
	waits := make(chan bool, 1)
	r := testRunner(t, url, load(t, slow), func(c *Config) {
		started := false
		c.Events = func(e Event) {
			if _, ok := e.(Started); ok && !started {
				started = true
				go func() {
					_, err := testRunner(t, url, load(t, slow), func(c *Config) {
						c.Events = func(e Event) {
							if _, ok := e.(WaitingForLock); ok {
								select {
								case waits <- true:
								default:
								}
							}
						}
					}).Up(testContext(t), UpRequest{})
					second <- err
				}()
			}
		}
	})
	rep, err := r.Up(testContext(t), UpRequest{})
	if err != nil || len(rep.Done) != len(slow) {
		t.Errorf("%d done: %v", len(rep.Done), err)
	}
	if err := <-second; err != nil {
		t.Errorf("the second runner: %v", err)
	}
	if len(waits) == 0 {
		t.Error("the second runner did not wait")
	}
}

// A statement_timeout of the server's is one for each statement, not for a file
// that is one message.
func TestStatementTimeoutIsForEachStatement(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	f := pairs{"1_a.up.sql": strings.Repeat("SELECT pg_sleep(0.2);\n", 4)}
	up(t, url, f, func(c *Config) { c.StatementTimeout = 600_000_000 })
	_, err := upFails(t, url, f.with(pairs{"2_b.up.sql": "SELECT 1;\nSELECT pg_sleep(30);\n"}), func(c *Config) { c.StatementTimeout = 300_000_000 })
	if got := err.Error(); got != "sql/2_b.up.sql:2:1: canceling statement due to statement timeout (57014)" {
		t.Error(got)
	}
}

// A role's statement_timeout is named as the cause, and 0 lifts it: by the flag's
// Config as by the directive.
func TestStatementTimeoutOfTheRole(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t) + "&options=-c%20statement_timeout%3D300"
	f := pairs{"1_a.up.sql": "SELECT pg_sleep(1);\n"}
	_, err := upFails(t, url, f)
	var statement *StatementError
	if !errors.As(err, &statement) || !strings.Contains(statement.Hint, "statement_timeout") || !strings.Contains(statement.Hint, "--statement-timeout") {
		t.Errorf("%v", err)
	}
	up(t, url, f, func(c *Config) { c.StatementTimeout = -1 })
	up(t, url, pairs{"1_a.up.sql": f["1_a.up.sql"], "2_b.up.sql": "-- rung:statement-timeout 0\nSELECT pg_sleep(1);\n"})
}

// The lock's transaction has no transaction_timeout, however short the database's: each of
// the runner's questions begins another one, which hides all but the shortest.
func TestLockHasNoTransactionTimeout(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	if pgtest.Major(t, url) < 17 {
		return
	}
	pgtest.Exec(t, url, "DO $$BEGIN EXECUTE format('ALTER DATABASE %I SET transaction_timeout = %L', current_database(), '1h'); END$$")
	l := holdLock(t, url)
	defer l.Release()
	limit := func() (got string) {
		must(t, l.Session.Query(t.Context(), "SHOW transaction_timeout", func(rows *sql.Rows) error { return rows.Scan(&got) }))
		return got
	}
	if got := limit(); got != "0" {
		t.Errorf("%s at first", got)
	}
	if _, err := l.Blockers(t.Context(), 1, ""); err != nil || limit() != "0" {
		t.Errorf("%s behind a question, %v", limit(), err)
	}
}

// A transaction_timeout ends a file at each try: what lifts it is named, and does.
func TestTransactionTimeoutOfTheRole(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	if pgtest.Major(t, url) < 17 {
		return
	}
	url += "&options=-c%20transaction_timeout%3D1000"
	_, err := upFails(t, url, pairs{"1_a.up.sql": "SELECT pg_sleep(30);\n"})
	if e := failing(t, err); !strings.Contains(e.Hint, "`SET transaction_timeout = 0;` above it") {
		t.Errorf("%v: %s", err, e.Hint)
	}
	up(t, url, pairs{
		"1_a.up.sql": "SET transaction_timeout = 0;\nSELECT pg_sleep(1.5);\n",
		"2_b.up.sql": "-- rung:no-transaction\nSET transaction_timeout = 0;\nSELECT pg_sleep(1.5);\n",
	})
}
