package runner

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"rung/internal/pgtest"
)

// abcd are four short files, which travel together. With gives one of them
// another text.
func abcd(name, sql string) pairs {
	f := pairs{}
	for n, table := range []string{"a", "b", "c", "d"} {
		f[fmt.Sprintf("%d_%s.up.sql", n+1, table)] = fmt.Sprintf("CREATE TABLE %s (id int PRIMARY KEY);\n", table)
		f[fmt.Sprintf("%d_%s.down.sql", n+1, table)] = fmt.Sprintf("DROP TABLE %s;\n", table)
	}
	return f.with(pairs{name: sql})
}

// course is what was said of migrations, in order.
func (h *hearing) course() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var said []string
	for _, e := range h.events {
		switch e := e.(type) {
		case Started:
			said = append(said, "start "+e.Title)
		case Finished:
			said = append(said, "done "+e.Title)
		case Retrying:
			said = append(said, fmt.Sprintf("again %s:%d", e.File, e.Line))
		case Notice:
			said = append(said, fmt.Sprintf("notice %s:%d", e.File, e.Line))
		}
	}
	return strings.Join(said, ", ")
}

func TestGroupSaysEachAsItGoes(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	f := abcd("2_b.up.sql", "SET client_min_messages = error;\nDO $$BEGIN RAISE INFO 'rung:1:2'; END$$;\nCREATE TABLE b ();\n")
	h := &hearing{}
	up(t, url, f, h.listen)
	if got, want := h.course(), "start 1_a, done 1_a, start 2_b, notice sql/2_b.up.sql:2, done 2_b, start 3_c, done 3_c, start 4_d, done 4_d"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	h = &hearing{}
	down(t, url, f, Request{Steps: 3}, h.listen)
	if got, want := h.course(), "start 4_d, done 4_d, start 3_c, done 3_c, start 2_b, done 2_b"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// What is shown of a file is how long it took the server, whenever its notices
// were read.
func TestGroupTellsTheServersTime(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	h := &hearing{on: func(e Event) {
		if s, ok := e.(Started); ok && s.Name == "b" { // the first one that a notice tells of
			eventually(t, "the server is through", func() bool {
				return pgtest.QueryString(t, url, "SELECT count(*) FROM rung.migrations WHERE state = 'applied'") == "4"
			})
		}
	}}
	const nap = 50 * time.Millisecond // the server sleeps for no less
	f := abcd("2_b.up.sql", "SELECT pg_sleep(0.05);\n").with(pairs{"4_d.up.sql": "SET IntervalStyle = iso_8601;\nSELECT pg_sleep(0.05);\n"})
	rep := up(t, url, f, h.listen)
	if es := heard[Finished](h); len(es) != 4 || es[1].Duration < nap || es[3].Duration < nap {
		t.Errorf("%+v", es)
	}
	for _, d := range rep.Done {
		if d.Duration <= 0 {
			t.Errorf("%+v", d)
		}
	}
}

func TestSingleTransactionTellsTheTimeOfEach(t *testing.T) {
	t.Parallel()
	r := testRunner(t, pgtest.URL(t), load(t, abcd("2_b.up.sql", "SELECT pg_sleep(0.05);\n")))
	rep, err := r.Up(testContext(t), UpRequest{Together: true})
	must(t, err)
	for _, d := range rep.Done {
		if d.Duration <= 0 || d.Name == "b" && d.Duration < 50*time.Millisecond {
			t.Errorf("%+v", d)
		}
	}
}

// Each file commits by itself: what fails takes nothing back and begins nothing.
func TestGroupStopsWhereAFileFails(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ sql, want string }{
		"runtime":   {"CREATE TABLE c ();\nSELECT 1/0;\n", "sql/3_c.up.sql:2:1: division by zero (22012)"},
		"analysis":  {"CREATE TABLE c ();\nSELECT  nothing;\n", "sql/3_c.up.sql:2:9: column \"nothing\" does not exist (42703)"},
		"syntax":    {"CREATE TABLE c ();\nSELEC 1;\n", "sql/3_c.up.sql:2:1: syntax error at or near \"SELEC\" (42601)"},
		"at COMMIT": {"CREATE TABLE c (id int REFERENCES a DEFERRABLE INITIALLY DEFERRED);\nINSERT INTO c VALUES (1);\n", "sql/3_c.up.sql: at COMMIT: insert or update on table \"c\" violates foreign key constraint \"c_id_fkey\" (23503)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := pgtest.URL(t)
			h := &hearing{}
			rep, err := upFails(t, url, abcd("3_c.up.sql", c.sql), h.listen)
			e := failing(t, err)
			if e.Error() != c.want || e.Standing != "no changes from 3_c were applied; 2 migrations before it were applied" {
				t.Errorf("%s\n%s", e, e.Standing)
			}
			if got := h.course(); got != "start 1_a, done 1_a, start 2_b, done 2_b, start 3_c" || len(rep.Done) != 2 {
				t.Errorf("%d done: %s", len(rep.Done), got)
			}
			if got := pgtest.QueryString(t, url, "SELECT string_agg(version || state, ' ' ORDER BY version) FROM rung.migrations"); got != "1applied 2applied" {
				t.Errorf("record: %s", got)
			}
			up(t, url, abcd("3_c.up.sql", "CREATE TABLE c ();"))
		})
	}
}

// A file that meets a lock is rolled back, and only it is tried again.
func TestGroupGivesWayToALock(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	pgtest.Exec(t, url, "CREATE TABLE held (id int)")
	release := hold(t, url, "LOCK TABLE held")
	defer release()
	h := &hearing{on: once(func(Retrying) { release() })}
	up(t, url, abcd("3_c.up.sql", "CREATE TABLE c ();\n-- rung has nothing to say here\nALTER TABLE held ADD c int;\n"), h.listen, func(c *Config) { c.LockTimeout = 200e6 })
	if got, want := h.course(), "start 1_a, done 1_a, start 2_b, done 2_b, start 3_c, again sql/3_c.up.sql:3, done 3_c, start 4_d, done 4_d"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	es := heard[Retrying](h)
	if len(es) != 1 || es[0].Attempt != 1 || len(es[0].Blockers) != 1 {
		t.Errorf("%+v", es)
	}
}

// The session is reset once behind files that only make tables, and each file begins as
// the first did all the same.
func TestGroupLeavesNothingToTheNextFile(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	up(t, url, abcd("2_b.up.sql", "SET search_path = elsewhere, public;\nPREPARE p AS SELECT 1;\nCREATE TEMP TABLE mine ();\nSELECT pg_advisory_lock(1);\n").with(pairs{
		"4_d.up.sql": `CREATE TABLE d AS SELECT current_setting('search_path') AS path, (SELECT count(*) FROM pg_prepared_statements) AS prepared,
to_regclass('pg_temp.mine') IS NULL AS gone, (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()) AS locks;
`,
	}))
	is(t, url, "SELECT concat_ws('|', path, prepared, gone, locks) FROM d", `"$user", public|0|t|0`)
}

// Who blocked one file, and is no more, is not to blame for the next.
func TestGroupBlamesNobodyForAnotherFile(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	pgtest.Exec(t, url, "CREATE TABLE held (id int)")
	release := hold(t, url, "LOCK TABLE held")
	defer release()
	h := &hearing{on: once(func(Blocked) { release() })}
	_, err := upFails(t, url, abcd("2_b.up.sql", "LOCK TABLE held;\n").with(pairs{"3_c.up.sql": "SELECT 1/0;\n"}), h.listen)
	if e := failing(t, err); len(e.Blockers) > 0 || len(heard[Blocked](h)) != 1 {
		t.Errorf("%v: %+v", e, e.Blockers)
	}
}

func TestGroupIsStopped(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	ctx, stop := context.WithCancel(testContext(t))
	defer stop()
	h := &hearing{on: func(e Event) {
		if n, ok := e.(Notice); ok && n.Message == "now" {
			stop()
		}
	}}
	f := abcd("2_b.up.sql", "CREATE TABLE b ();\nDO $$BEGIN RAISE INFO 'now'; END$$;\nSELECT pg_sleep(600);\n")
	rep, err := testRunner(t, url, load(t, f), h.listen).Up(ctx, UpRequest{})
	var stopped *StoppedError
	if !errors.As(err, &stopped) || stopped.Where != "no changes from 2_b were applied; 1 migration before it was applied" || len(rep.Done) != 1 {
		t.Errorf("%v", err)
	}
	if got := pgtest.QueryString(t, url, "SELECT string_agg(version || state, ' ') FROM rung.migrations"); got != "1applied" {
		t.Errorf("record: %s", got)
	}
}

// Over a link, each round trip counts. On a slow machine there are some more,
// of the connection that asks after the lock.
func TestGroupsSaveRoundTrips(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	px, through := pgtest.Proxy(t, url)
	f := pairs{}
	for n := range 200 {
		f[fmt.Sprintf("%d_t.up.sql", n+1)] = fmt.Sprintf("CREATE TABLE t%d (id int);\nCREATE INDEX ON t%[1]d (id);\n", n)
	}
	up(t, through, f)
	if n := px.Stats().RoundTrips; n > 100 {
		t.Errorf("%d round trips", n)
	}
	if n := pgtest.QueryString(t, url, "SELECT count(*) FROM rung.log WHERE action = 'up'"); n != "200" {
		t.Errorf("%s in the log", n)
	}
}
