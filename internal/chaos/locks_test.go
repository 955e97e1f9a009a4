package chaos

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"rung/internal/pgtest"
)

// altering is a directory of which the second migration wants the table for
// itself alone, in several ways of running.
var altering = map[string]map[string]string{
	"in a file":                {"2_alter.up.sql": "ALTER TABLE t ADD COLUMN n int;"},
	"in a step":                {"2_alter.up.sql": "-- rung:no-transaction\nCREATE TABLE before_it ();\nALTER TABLE t ADD COLUMN n int;\nCREATE TABLE after_it ();"},
	"in a group":               {"2_alter.up.sql": "BEGIN;\nALTER TABLE t ADD COLUMN n int;\nCREATE TABLE before_it ();\nCOMMIT;\nCREATE TABLE after_it ();"},
	"outside of a transaction": {"2_alter.up.sql": "VACUUM FULL t;"},
}

// held is a database in which a long transaction of another application, and
// of another user, has read the table t.
func held(t *testing.T, migrations map[string]string) (address, dir string, holder *bystander) {
	t.Helper()
	address = pgtest.URL(t)
	dir = files(t, map[string]string{"1_t.up.sql": "CREATE TABLE t (id int); GRANT SELECT ON t TO PUBLIC; INSERT INTO t VALUES (1);"})
	for name, text := range migrations {
		write(t, dir, name, text)
	}
	run(t, address, dir, "up", "--to", "1")
	holder = join(t, pgtest.AsUser(t, address, reporter(t, address)), "monthly_report")
	holder.do("BEGIN; SELECT 'the long report' FROM t")
	return address, dir, holder
}

// reporter makes a user who is gone with the test.
func reporter(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	name := "reporter_of" + strings.ReplaceAll(u.Path, "/", "_")
	name = name[:min(len(name), 60)]
	pgtest.Exec(t, address, "CREATE ROLE "+name+" LOGIN")
	t.Cleanup(func() {
		u.Path = "/postgres"
		pgtest.Exec(t, u.String(), "DROP ROLE "+name)
	})
	return name
}

// rungWaitsFor waits until a session of rung waits for one of the holder's locks.
func rungWaitsFor(t *testing.T, address string, holder *bystander) (pid int) {
	t.Helper()
	eventually(t, "rung waits for the table", func() bool {
		rows := pgtest.QueryStrings(t, address, fmt.Sprintf("SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'rung' AND %d = ANY (pg_blocking_pids(pid))", holder.pid))
		if len(rows) != 1 {
			return false
		}
		_, err := fmt.Sscan(rows[0], &pid)
		return err == nil
	})
	return pid
}

// The table is held for longer than the lock timeout. A reader that comes
// meanwhile queues behind rung, and is let through while the table is still
// held: so rung has given way.
func TestGivesWayToALongTransaction(t *testing.T) {
	t.Parallel()
	for name, migrations := range altering {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address, dir, holder := held(t, migrations)
			p := start(t, address, dir, "up", "--lock-timeout", "2s", "--lock-retries", "1000")
			reader := join(t, address, "reader")
			queued := func() bool {
				pid := rungWaitsFor(t, address, holder)
				return pgtest.QueryString(t, address, fmt.Sprintf("SELECT %d = ANY (pg_blocking_pids(%d))", pid, reader.pid)) == "true"
			}
			read := reader.later("SELECT FROM t")
			eventually(t, "a reader is queued behind rung", func() bool {
				select {
				case err := <-read: // it slipped through between two tries
					if err != nil {
						t.Fatal(err)
					}
					read = reader.later("SELECT FROM t")
				default:
				}
				return queued()
			})
			if err := <-read; err != nil {
				t.Errorf("the reader: %v", err)
			}
			if !p.running() {
				t.Fatal("rung did not try again")
			}
			eventually(t, "rung names who blocks it", func() bool {
				out := p.stderr.String()
				return strings.Contains(out, "waits for a lock, blocked by "+holderText(t, holder)) && strings.Contains(out, "retry ")
			})
			holder.do("COMMIT")
			p.must(0)
			if got := logged(t, address); got != "up 1, up 2" {
				t.Errorf("the log says %s", got)
			}
			mustBeFree(t, address)
		})
	}
}

func holderText(t *testing.T, holder *bystander) string {
	t.Helper()
	var user string
	// The transaction stays the same: its first query is what is shown.
	if err := holder.conn.QueryRowContext(t.Context(), "SELECT 'the long report', current_user").Scan(new(string), &user); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("pid %d, user %s, application monthly_report, idle in transaction for ", holder.pid, user)
}

func TestGivesUpAfterSoManyTries(t *testing.T) {
	t.Parallel()
	for name, migrations := range altering {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address, dir, holder := held(t, migrations)
			p := start(t, address, dir, "up", "--json", "--log-format", "json", "--lock-timeout", "400ms", "--lock-retries", "2").must(1)
			p.said(`"event":"blocked"`, `"event":"retrying"`, `"application":"monthly_report"`)
			e := p.json().Error
			if e.SQLState != "55P03" || !strings.Contains(e.Message, "after 3 attempts") || len(e.Blockers) != 1 {
				t.Fatalf("%+v", e)
			}
			b := e.Blockers[0]
			if b.PID != holder.pid || !strings.HasPrefix(b.User, "reporter_of_") || b.Application != "monthly_report" || b.State != "idle in transaction" || !strings.Contains(b.Query, "the long report") {
				t.Errorf("%+v", b)
			}
			p = start(t, address, dir, "up", "--lock-timeout", "400ms", "--lock-retries", "0").must(1)
			p.said(fmt.Sprintf("blocked by pid %d, user %s, application monthly_report", holder.pid, b.User), "SELECT 'the long report' FROM t", "(55P03)")
			if got := logged(t, address); got != "up 1" {
				t.Errorf("the log says %s", got)
			}
			mustBeFree(t, address)
			holder.do("COMMIT")
			run(t, address, dir, "up")
			if got := logged(t, address); got != "up 1, up 2" {
				t.Errorf("the log says %s", got)
			}
		})
	}
}

// A directive of the file goes before the flag.
func TestLockTimeoutOfTheFile(t *testing.T) {
	t.Parallel()
	address, dir, holder := held(t, map[string]string{"2_alter.up.sql": "-- rung:lock-timeout 100ms\nALTER TABLE t ADD COLUMN n int"})
	start(t, address, dir, "up", "--lock-timeout", "1h", "--lock-retries", "1").must(1).said("(55P03)")
	holder.do("COMMIT")
	run(t, address, dir, "up")
}

func TestDownGivesWay(t *testing.T) {
	t.Parallel()
	address, dir, holder := held(t, nil)
	write(t, dir, "1_t.down.sql", "DROP TABLE t")
	p := start(t, address, dir, "down", "--file", "--lock-timeout", "300ms", "--lock-retries", "1000")
	eventually(t, "down is retried", func() bool { return strings.Contains(p.stderr.String(), "retry 2 of 1000") })
	holder.do("COMMIT")
	p.must(0)
	if got := logged(t, address); got != "up 1, down 1" {
		t.Errorf("the log says %s", got)
	}
}

// Rung is the one of the two that the server's deadlock check meets: the other
// one waits for an hour before it checks.
func TestDeadlockIsTriedAgain(t *testing.T) {
	t.Parallel()
	address := pgtest.URL(t)
	dir := files(t, map[string]string{
		"1_t.up.sql": "CREATE TABLE a (n int); CREATE TABLE b (n int); INSERT INTO a VALUES (0); INSERT INTO b VALUES (0)",
		"2_n.up.sql": "UPDATE b SET n = n + 1; UPDATE a SET n = n + 1;",
	})
	run(t, address, dir, "up", "--to", "1")
	other := join(t, address, "other")
	other.do("SET deadlock_timeout = '1h'; BEGIN; UPDATE a SET n = n + 10")
	p := start(t, address+"&options=-cdeadlock_timeout%3D5s", dir, "up", "--lock-timeout", "1h")
	rungWaitsFor(t, address, other)
	other.do("UPDATE b SET n = n + 10; COMMIT")
	p.must(0).said("deadlock (40P01)", "retry 1 of 10", "application other")
	if got := pgtest.QueryString(t, address, "SELECT a.n, b.n FROM a, b"); got != "11|11" {
		t.Errorf("a|b is %s", got)
	}
}

// Here a lock timeout would only cancel the wait for an old snapshot, again
// and again, and leave INVALID indexes.
func TestConcurrentIndexWaitsAsLongAsItTakes(t *testing.T) {
	t.Parallel()
	w := startWaitingIndex(t, "CREATE INDEX CONCURRENTLY i ON t (n)", "--lock-timeout", "100ms")
	eventually(t, "it has waited for ten lock timeouts", func() bool {
		return pgtest.QueryString(t, w.url, fmt.Sprintf("SELECT clock_timestamp() > query_start + interval '1s' AND state = 'active' FROM pg_stat_activity WHERE pid = %d", w.pid)) == "true"
	})
	eventually(t, "rung names who blocks it", func() bool {
		return strings.Contains(w.rung.stderr.String(), fmt.Sprintf("waits for a lock, blocked by pid %d, user postgres, application old_snapshot", w.old.pid))
	})
	w.old.do("COMMIT")
	w.rung.must(0)
	if strings.Contains(w.rung.stderr.String(), "retry") {
		t.Errorf("it was retried:\n%s", w.rung.stderr.String())
	}
	w.mustBeDone(t)
}

func TestUniqueIndexThatMeetsADeadlock(t *testing.T) {
	t.Parallel()
	address := pgtest.URL(t)
	dir := files(t, map[string]string{
		"1_t.up.sql": "CREATE TABLE t (id int, n int); INSERT INTO t SELECT i, i FROM generate_series(1, 1000) i",
		"2_i.up.sql": "CREATE INDEX CONCURRENTLY i ON t (n)",
	})
	run(t, address, dir, "up", "--to", "1")
	// A writer holds the table; CREATE INDEX CONCURRENTLY waits for it, after
	// its own lock on the table, which the writer then wants too.
	other := join(t, address, "other")
	other.do("SET deadlock_timeout = '1h'; BEGIN; UPDATE t SET n = n + 1 WHERE id = 1")
	p := start(t, address+"&options=-cdeadlock_timeout%3D5s", dir, "up")
	rungWaitsFor(t, address, other)
	other.do("LOCK TABLE t IN SHARE UPDATE EXCLUSIVE MODE; COMMIT")
	p.must(0).said("deadlock (40P01)", "retry 1 of 10", "dropped the INVALID index public.i")
	if got := invalidIndexes(t, address); len(got) != 0 {
		t.Errorf("INVALID: %q", got)
	}
}
