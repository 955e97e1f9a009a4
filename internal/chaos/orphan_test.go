package chaos

import (
	"fmt"
	"strings"
	"syscall"
	"testing"

	"rung/internal/pgtest"
)

// A runner is killed while its file waits in the server, which carries on with
// it. The next runner says what it waits for, and what became of the file.
func TestWaitsForTheClaimOfADeadRunner(t *testing.T) {
	t.Parallel()
	directory := map[string]string{
		"1_t.up.sql": "CREATE TABLE t (id int)",
		"2_a.up.sql": "CREATE TABLE a ();\nLOCK TABLE t",
		"3_b.up.sql": "CREATE TABLE b ()",

		"1_t.down.sql": "SELECT 1",
		"2_a.down.sql": "LOCK TABLE t",
		"3_b.down.sql": "DROP TABLE b",
	}
	for command, c := range map[string]struct{ prepare, first, second string }{
		"up":   {"1", "up   2_a  was applied by the session of another rung", "up   3_b"},
		"down": {"2", "down 2_a  was reverted by the session of another rung", ""},
	} {
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			url, dir := pgtest.URL(t), files(t, directory)
			run(t, url, dir, "up", "--to", c.prepare)
			other := join(t, url, "reader")
			other.do("BEGIN; SELECT FROM t")
			dead := start(t, url, dir, command, "--lock-timeout", "1h")
			pid := rungWaitsFor(t, url, other)
			dead.kill9()
			next := start(t, url, dir, command, "--lock-timeout", "400ms", "--lock-retries", "0")
			eventually(t, "the next one says for what it waits", func() bool {
				out := next.stderr.String()
				return strings.Count(out, fmt.Sprintf("2_a.%s.sql waits for the claim of version 2, held by the session of a rung that died or lost its lock, blocked by pid %d, ", command, pid)) > 2
			})
			other.do("COMMIT")
			next.must(0).said(c.first, c.second)
			if out := next.stderr.String(); strings.Contains(out, "sql:0") {
				t.Errorf("it names a line 0:\n%s", out)
			}
		})
	}
}

// A signal stops the one that waits at once, although the history cannot tell
// what will become of the file: nothing of it is this runner's work.
func TestSignalWhileWaitingForTheClaimOfADeadRunner(t *testing.T) {
	t.Parallel()
	directory := map[string]string{
		"1_t.up.sql": "CREATE TABLE t (id int)", "1_t.down.sql": "SELECT 1",
		"2_a.up.sql": "CREATE TABLE a ();\nLOCK TABLE t", "2_a.down.sql": "LOCK TABLE t",
		"3_b.up.sql": "CREATE TABLE b ()", "3_b.down.sql": "DROP TABLE b",
	}
	stepwise := map[string]string{}
	for name, sql := range directory {
		stepwise[name] = strings.Replace(sql, "CREATE TABLE a ()", "-- rung:no-transaction\nSELECT FROM t;\nCREATE TABLE a ()", 1)
	}
	for name, c := range map[string]struct {
		files   map[string]string
		command string
		prepare string
		where   string
	}{
		"up":   {directory, "up", "1", "no changes from 2_a were applied"},
		"down": {directory, "down", "2", "2_a is still applied, unchanged"},
		"step": {stepwise, "up", "1", "2_a is applied up to step 2 of 3; the next `rung up` resumes there"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, dir := pgtest.URL(t), files(t, c.files)
			run(t, url, dir, "up", "--to", c.prepare)
			other := join(t, url, "reader")
			other.do("BEGIN; SELECT FROM t")
			dead := start(t, url, dir, c.command, "--lock-timeout", "1h")
			rungWaitsFor(t, url, other)
			dead.kill9()
			next := start(t, url, dir, c.command, "--lock-timeout", "1h")
			eventually(t, "the next one waits", func() bool { return strings.Contains(next.stderr.String(), "waits for the claim of version 2") })
			next.signal(syscall.SIGTERM)
			// The reader goes only when the next one has stopped.
			next.must(143).said("stopped by SIGTERM", c.where)
			other.do("COMMIT")
			run(t, url, dir, c.command)
		})
	}
}

// Whose claim it is that was committed meanwhile is told from the history too
// where the connection is lost that waited for it.
func TestConnectionLostWhileWaitingForTheClaimOfADeadRunner(t *testing.T) {
	t.Parallel()
	url, dir := pgtest.URL(t), files(t, map[string]string{
		"1_t.up.sql": "CREATE TABLE t (id int)", "2_a.up.sql": "LOCK TABLE t", "3_b.up.sql": "CREATE TABLE b ()",
	})
	run(t, url, dir, "up", "--to", "1")
	other := join(t, url, "reader")
	other.do("BEGIN; SELECT FROM t")
	dead := start(t, url, dir, "up", "--lock-timeout", "1h")
	pid := rungWaitsFor(t, url, other)
	dead.kill9()
	next := start(t, url, dir, "up", "--lock-timeout", "1h")
	waits := func() string {
		return strings.Join(pgtest.QueryStrings(t, url, fmt.Sprintf("SELECT pid FROM pg_stat_activity WHERE %d = ANY (pg_blocking_pids(pid))", pid)), " ")
	}
	eventually(t, "the next one waits", func() bool { return waits() != "" })
	pgtest.Exec(t, url, "SELECT pg_terminate_backend("+waits()+")")
	eventually(t, "it asks the history", func() bool { return strings.Contains(next.stderr.String(), settled) && waits() != "" })
	other.do("COMMIT")
	next.must(0).said("up   2_a  was applied by the session of another rung", "up   3_b")
}
