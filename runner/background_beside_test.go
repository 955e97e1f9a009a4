package runner

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"rung/internal/pgtest"
)

// What work does beside signals, replicas, DDL, poolers and other scopes.

// metricsLine is a sample of OpenMetrics text.
var metricsLine = regexp.MustCompile(`^rung_[a-z_]+\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\} [0-9.e+-]+$`)

// wholeMetrics reports what is wrong with the text of a metrics file, or "".
func wholeMetrics(text string) string {
	if !strings.HasSuffix(text, "# EOF\n") {
		return "it has no end"
	}
	for line := range strings.Lines(strings.TrimSuffix(text, "# EOF\n")) {
		if line = strings.TrimSuffix(line, "\n"); !strings.HasPrefix(line, "# TYPE rung_") && !strings.HasPrefix(line, "# HELP rung_") && !metricsLine.MatchString(line) {
			return line
		}
	}
	return ""
}

// SIGTERM lets the batch in hand finish: exit 143, all that was counted is in the
// batch log, and the next work resumes behind it. The metrics file is whole whenever
// somebody reads it.
func TestWorkSignal(t *testing.T) {
	t.Parallel()
	rung := built(t)
	url := pgtest.URL(t)
	numbered(t, url, 1000)
	f := countingLater("rows=20 target=1ms pause=20ms")
	up(t, url, f)
	metrics := filepath.Join(t.TempDir(), "rung.prom")
	p := startCommand(t, rung, "work", url, f.write(t), "--metrics", metrics)
	reads := 0
	eventually(t, "batches are in the metrics", func() bool {
		text, err := os.ReadFile(metrics)
		if err != nil {
			return false
		}
		if wrong := wholeMetrics(string(text)); wrong != "" {
			t.Fatalf("%s in\n%s", wrong, text)
		}
		reads++
		return strings.Contains(string(text), `rung_backfill_rows{`) && committed(t, url) > 3
	})
	must(t, p.cmd.Process.Signal(syscall.SIGTERM))
	if err := <-p.exited; err == nil {
		t.Error("it went on to its end")
	}
	if code := p.cmd.ProcessState.ExitCode(); code != 143 || !strings.Contains(p.stderr.String(), "stopped by SIGTERM") {
		t.Errorf("exit %d\n%s", code, p.stderr.String())
	}
	if n := committed(t, url); n == 0 || n > 49 {
		t.Errorf("%d batches", n)
	}
	is(t, url, "SELECT (SELECT sum(n) FROM t) = (SELECT sum(rows) FROM rung.batches)", "true")
	if b := background(t, url, f); b.State != BackfillWaits || b.Worker != nil || b.Attempts != 0 {
		t.Errorf("%+v", b)
	}
	text, err := os.ReadFile(metrics)
	if err != nil || wholeMetrics(string(text)) != "" || !strings.Contains(string(text), "rung_background_registered{") {
		t.Errorf("%v after %d reads\n%s", err, reads, text)
	}
	work(t, url, f)
	everyOne(t, url)
	tiles(t, url)
}

// A replica that is behind is waited for between two batches, by the command's
// max-lag as by the file's.
func TestWorkMaxLag(t *testing.T) {
	t.Parallel()
	server := pgtest.Server(t)
	url := server.URL("")
	standby := pgtest.Standby(t, server)
	numbered(t, url, 1000)
	f := countingLater("rows=10 target=1ms pause=10ms")
	up(t, url, f)
	eventually(t, "the replica has the table", func() bool {
		return pgtestTry(t, standby, "SELECT count(*) FROM t") == nil && ask(t, standby, "SELECT count(*) FROM t") == "1000"
	})
	pgtest.Exec(t, standby, "SELECT pg_wal_replay_pause()")
	waits := make(chan WaitingForReplica, 100)
	h := &hearing{on: func(e Event) {
		if e, ok := e.(WaitingForReplica); ok {
			waits <- e
		}
	}}
	r := startWork(t, url, f, WorkRequest{}, h.listen, func(c *Config) { c.Batch = &BatchOverride{[][2]string{{"max-lag", "300ms"}}} })
	if e := <-waits; e.MaxLag != 300*time.Millisecond || e.Lag <= e.MaxLag {
		t.Errorf("%+v", e)
	}
	n := countAfterProbes(t, url, 2)
	if now := countAfterProbes(t, url, 4); now != n {
		t.Errorf("%d batches, %d before", now, n)
	}
	up(t, url, f.with(pairs{"2_more.up.sql": "ALTER TABLE t ADD COLUMN more int;\n"})) // it holds nothing meanwhile
	r.still()
	pgtest.Exec(t, standby, "SELECT pg_wal_replay_resume()")
	r.mustSucceed()
	everyOne(t, url)
	tiles(t, url)
}

// A VACUUM of work's own is cancelled as soon as an up wants to change the table.
func TestWorkVacuumGivesWay(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	numbered(t, url, 3000)
	pgtest.Exec(t, url, "ALTER TABLE t SET (autovacuum_enabled = off)")
	f := countingLater("rows=100 target=1min vacuum=5 pause=20ms")
	up(t, url, f)
	slowly(t, url, true)
	h := &hearing{}
	r := startWork(t, url, f, WorkRequest{}, h.listen)
	eventually(t, "a VACUUM runs", func() bool { return ask(t, url, "SELECT count(*) "+vacuumRuns) == "1" })
	slowly(t, url, false)
	deploy := &hearing{}
	up(t, url, f.with(pairs{"2_more.up.sql": "ALTER TABLE t ADD COLUMN more int;\n"}), deploy.listen, func(c *Config) { c.LockTimeout = 5 * time.Second })
	if len(heard[Retrying](deploy)) > 0 {
		t.Errorf("%+v", deploy.events)
	}
	r.mustSucceed()
	everyOne(t, url)
	tiles(t, url)
}

// Through PgBouncer in transaction mode, two workers and an up beside them.
func TestWorkThroughPgBouncer(t *testing.T) {
	t.Parallel()
	direct := pgtest.URL(t)
	through := pgtest.PgBouncer(t, direct, "transaction", 6)
	numbered(t, direct, 2000)
	f := countingLater("rows=50 target=1ms workers=2 pause=5ms")
	up(t, through, f)
	h := &hearing{on: at(5, func() {
		if rep := work(t, through, f); len(rep.Done) != 0 || len(rep.Background) != 1 || rep.Background[0].Worker == nil {
			t.Errorf("%+v", rep)
		}
		up(t, through, f.with(pairs{"2_more.up.sql": "ALTER TABLE t ADD COLUMN more int;\n"}))
		// down stops the worker between two batches, and not for good.
		if b := background(t, through, f); b.State != BackfillRuns {
			t.Errorf("%+v", b)
		}
	})}
	work(t, through, f, h.listen)
	everyOne(t, direct)
	tiles(t, direct)
	for range 4 {
		is(t, through, "SHOW search_path", `"$user", public`)
	}
}

// Each schema's backfill is its own: two work at a time, one waits for nobody, and what
// is reverted in one goes on in the other.
func TestWorkOfScopes(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	f := countingLater("rows=100 target=1ms pause=5ms")
	in := func(schema string) func(*Config) { return func(c *Config) { c.Scope = schema } }
	for _, s := range []string{"a", `Weird "b`} {
		q := `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
		pgtest.Exec(t, url, "CREATE SCHEMA "+q+"; CREATE TABLE "+q+".t (id int PRIMARY KEY, n int NOT NULL DEFAULT 0); INSERT INTO "+q+".t SELECT generate_series(1, 1000); ANALYZE "+q+".t")
		up(t, url, f, in(s))
	}
	is(t, url, "SELECT string_agg(scope || ' ' || state || ' ' || estimate, ', ' ORDER BY scope COLLATE \"C\") FROM rung.background", `Weird "b registered 1000, a registered 1000`)
	h := &hearing{on: at(3, func() {
		if rep := work(t, url, f, in(`Weird "b`)); len(rep.Done) != 1 {
			t.Errorf("%+v", rep)
		}
	})}
	work(t, url, f, in("a"), h.listen)
	is(t, url, `SELECT (SELECT min(n) || ' ' || max(n) FROM a.t) || ' ' || (SELECT min(n) || ' ' || max(n) FROM "Weird ""b".t)`, "1 1 1 1")
	is(t, url, "SELECT count(*) FROM rung.background", "0")
	// down in one stops the worker there, and no other.
	down(t, url, f, Request{}, in("a"))
	up(t, url, f, in("a"))
	down(t, url, f, Request{}, in(`Weird "b`))
	is(t, url, "SELECT string_agg(scope || ' ' || state, ', ') FROM rung.background", "a registered")
	work(t, url, f, in("a"))
	is(t, url, "SELECT min(n) || ' ' || max(n) FROM a.t", "2 2")
}

// The lock of a backfill is not the migration lock, and its loss does not say so.
func TestWorkLockLost(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	numbered(t, url, 1000)
	f := countingLater("rows=50 target=1ms pause=10ms")
	up(t, url, f)
	ended := false
	h := &hearing{on: func(e Event) {
		if done, ok := e.(BatchDone); ok && done.Progress.Batches >= 3 && !ended {
			ended = true
			pgtest.Exec(t, url, `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`)
		}
	}}
	work(t, url, f, h.listen)
	lost := heard[WaitingForServer](h)
	if len(lost) == 0 || !strings.Contains(lost[0].Err.Error(), "the connection that holds the lock of this backfill was lost, so rung stopped: 1_count is applied in part: ") {
		t.Errorf("%+v", lost)
	}
	everyOne(t, url)
	tiles(t, url)
}
