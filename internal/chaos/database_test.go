package chaos

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"

	_ "github.com/lib/pq"

	"rung/internal/pgtest"
)

// story is all that two databases have in common when the same migrations ran:
// schema, data, INVALID indexes, and the history without times and run ids.
func story(tb testing.TB, url string) string {
	tb.Helper()
	rows := pgtest.QueryStrings(tb, url, `
		SELECT 'INVALID ' || indexrelid::regclass FROM pg_index WHERE NOT indisvalid
		UNION ALL
		SELECT * FROM (SELECT concat_ws(' ', 'migration', version, name, state, up_checksum, down_checksum, md5(up_sql), md5(down_sql), applied_by, plan_hash)
		                 FROM rung.migrations ORDER BY version) AS m
		UNION ALL
		SELECT * FROM (SELECT concat_ws(' ', 'step', version, direction, step, checksum, state, finished_at IS NOT NULL)
		                 FROM rung.steps ORDER BY version, direction, step) AS s
		UNION ALL
		SELECT * FROM (SELECT concat_ws(' ', 'log', action, version, name, checksum, note) FROM rung.log ORDER BY id) AS l`)
	return pgtest.Dump(tb, url) + strings.Join(rows, "\n")
}

// same compares two stories line by line.
func same(tb testing.TB, what, got, want string) {
	tb.Helper()
	if got == want {
		return
	}
	count := map[string]int{}
	for _, line := range strings.Split(want, "\n") {
		count[line]++
	}
	var more []string
	for _, line := range strings.Split(got, "\n") {
		if count[line]--; count[line] < 0 {
			more = append(more, "+ "+line)
		}
	}
	for line, n := range count {
		if n > 0 {
			more = append(more, "- "+line)
		}
	}
	slices.Sort(more)
	if most := 40; len(more) > most {
		more = append(more[:most], fmt.Sprintf("and %d lines more", len(more)-most))
	}
	tb.Errorf("%s: another story than an undisturbed run's (-):\n%s", what, strings.Join(more, "\n"))
}

// mustBeFree wants that nothing of rung goes on in the database, and that no
// lock is left (a pooler keeps its sessions, which are idle).
func mustBeFree(tb testing.TB, url string) {
	tb.Helper()
	eventually(tb, "no session of rung works, and no lock is left", func() bool {
		return len(pgtest.QueryStrings(tb, url, `
			SELECT pid FROM pg_stat_activity
			 WHERE datname = current_database() AND application_name = 'rung' AND state <> 'idle'
			UNION ALL
			SELECT l.pid FROM pg_locks l JOIN pg_database d ON d.oid = l.database
			 WHERE d.datname = current_database() AND l.locktype = 'advisory'`)) == 0
	})
}

// logged are the entries of rung.log as "up 1", without the attempts that failed.
func logged(tb testing.TB, url string) string {
	tb.Helper()
	return strings.Join(pgtest.QueryStrings(tb, url, "SELECT action || ' ' || version FROM rung.log WHERE action NOT LIKE '%-failed' ORDER BY id"), ", ")
}

// states are the versions in the history with their states, as "1 applied".
func states(tb testing.TB, url string) string {
	tb.Helper()
	if pgtest.QueryString(tb, url, "SELECT to_regclass('rung.migrations') IS NULL") == "true" {
		return ""
	}
	return strings.Join(pgtest.QueryStrings(tb, url, "SELECT version || ' ' || state FROM rung.migrations ORDER BY version"), ", ")
}

// steps are the checkpoints of a version, as "1 done".
func steps(tb testing.TB, url, version string) string {
	tb.Helper()
	return strings.Join(pgtest.QueryStrings(tb, url, "SELECT step || ' ' || state FROM rung.steps WHERE version = "+version+" ORDER BY direction, step"), ", ")
}

func invalidIndexes(tb testing.TB, url string) []string {
	tb.Helper()
	return pgtest.QueryStrings(tb, url, "SELECT indexrelid::regclass FROM pg_index WHERE NOT indisvalid")
}

// try runs SQL that may fail.
func try(url, statements string) error {
	db, err := sql.Open("postgres", url)
	if err != nil {
		return err
	}
	defer db.Close()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	_, err = db.ExecContext(ctx, statements)
	return err
}

// bystander is another application's session.
type bystander struct {
	tb   testing.TB
	conn *sql.Conn
	pid  int
}

// join opens a session that calls itself by name.
func join(tb testing.TB, url, name string) *bystander {
	tb.Helper()
	db, err := sql.Open("postgres", url+"&application_name="+name)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { db.Close() })
	conn, err := db.Conn(context.Background())
	if err != nil {
		tb.Fatal(err)
	}
	b := &bystander{tb: tb, conn: conn}
	if err := conn.QueryRowContext(context.Background(), "SELECT pg_backend_pid()").Scan(&b.pid); err != nil {
		tb.Fatal(err)
	}
	return b
}

func (b *bystander) do(statements string) {
	b.tb.Helper()
	if _, err := b.conn.ExecContext(context.Background(), statements); err != nil {
		b.tb.Fatalf("%v\nin: %s", err, statements)
	}
}

// later runs statements that may have to wait. The channel has their error
// when they are through.
func (b *bystander) later(statements string) <-chan error {
	done := make(chan error, 1)
	go func() {
		_, err := b.conn.ExecContext(context.Background(), statements)
		done <- err
	}()
	return done
}

// rungSleeps waits until a session of rung is in pg_sleep, and returns its
// process id.
func rungSleeps(tb testing.TB, url string) (pid int) {
	tb.Helper()
	eventually(tb, "rung is in pg_sleep", func() bool {
		rows := pgtest.QueryStrings(tb, url, "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'rung' AND wait_event = 'PgSleep'")
		if len(rows) == 1 {
			_, err := fmt.Sscan(rows[0], &pid)
			return err == nil
		}
		return false
	})
	return pid
}
