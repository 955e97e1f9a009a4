package chaos

import (
	"fmt"
	"strings"
	"syscall"
	"testing"

	"rung/internal/pgtest"
)

// signals are those that stop rung, with its exit status.
var signals = map[string]struct {
	sig  syscall.Signal
	exit int
}{
	"SIGINT":  {syscall.SIGINT, 130},
	"SIGTERM": {syscall.SIGTERM, 143},
	"SIGHUP":  {syscall.SIGHUP, 129},
}

// stop is a moment at which a signal comes, and what rung has to say then of
// what is in place.
type stop struct {
	name     string
	args     string
	up, down string
	standing string
	states   string
	steps    string
	again    string // rung.log after a second run
}

const nap = "SELECT pg_sleep(CASE WHEN current_setting('application_name') = 'rung' THEN 600 ELSE 0 END);"

var stops = []stop{
	{
		name: "in a file", args: "up", up: "INSERT INTO t VALUES (1);\n" + nap,
		standing: "no changes from 2_second were applied; 1 migration before it was applied",
		states:   "1 applied", again: "up 1, up 2, up 3",
	},
	{
		name: "in the first step", args: "up", up: "-- rung:no-transaction\n" + nap + "\nINSERT INTO t VALUES (1);",
		standing: "no changes from 2_second were applied; 1 migration before it was applied",
		states:   "1 applied", again: "up 1, up 2, up 3",
	},
	{
		name: "in a later step", args: "up", up: "-- rung:no-transaction\nINSERT INTO t VALUES (1);\nINSERT INTO t VALUES (2);\n" + nap,
		standing: "2_second is applied up to step 2 of 3; the next `rung up` resumes there; 1 migration before it was applied",
		states:   "1 applied, 2 applying", steps: "1 done, 2 done", again: "up 1, up 2, up 3",
	},
	{
		name: "in COPY data", args: "up", up: `
CREATE FUNCTION nap() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(CASE WHEN current_setting(''application_name'') = ''rung'' THEN 600 ELSE 0 END); RETURN NEW; END';
CREATE TRIGGER nap BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION nap();
COPY t FROM stdin;
` + strings.Repeat("1\n", 3) + "\\.\n",
		standing: "no changes from 2_second were applied; 1 migration before it was applied",
		states:   "1 applied", again: "up 1, up 2, up 3",
	},
	{
		name: "in all files together", args: "up --single-transaction", up: nap,
		standing: "all of it was rolled back: no changes from this run were applied",
		states:   "", again: "up 1, up 2, up 3",
	},
	{
		name: "in a down file", args: "down --to 1", up: "SELECT 1", down: nap,
		standing: "2_second is still applied, unchanged; 1 migration before it was reverted",
		states:   "1 applied, 2 applied", again: "up 1, up 2, up 3, down 3, down 2",
	},
	{
		name: "in a step of a down file", args: "down --to 1", up: "SELECT 1", down: "-- rung:no-transaction\nINSERT INTO t VALUES (1);\n" + nap,
		standing: "2_second is reverted up to step 1 of 2; the next `rung down` resumes there; 1 migration before it was reverted",
		states:   "1 applied, 2 reverting", steps: "1 done", again: "up 1, up 2, up 3, down 3, down 2",
	},
}

func TestSignalWhileAStatementRuns(t *testing.T) {
	t.Parallel()
	for name, s := range signals {
		for _, c := range stops {
			t.Run(c.name+"/"+name, func(t *testing.T) {
				t.Parallel()
				url := pgtest.URL(t)
				dir := files(t, map[string]string{
					"1_first.up.sql": "CREATE TABLE t (n int)", "2_second.up.sql": c.up, "3_third.up.sql": "SELECT 3",
					"1_first.down.sql": "DROP TABLE t", "2_second.down.sql": c.down, "3_third.down.sql": "SELECT 3",
				})
				args := strings.Fields(c.args)
				if args[0] == "down" {
					run(t, url, dir, "up")
				}
				p := start(t, url, dir, append(args, "--json")...)
				rungSleeps(t, url)
				p.signal(s.sig)
				p.must(s.exit)
				if e := p.json().Error; e.Kind != "stopped" || e.ExitCode != s.exit || e.Standing != c.standing {
					t.Errorf("%+v\nnot standing %q", e, c.standing)
				}
				if got := states(t, url); got != c.states {
					t.Errorf("the history says %q, not %q", got, c.states)
				}
				if c.states != "" {
					if got := steps(t, url, "2"); got != c.steps {
						t.Errorf("the steps are %q, not %q", got, c.steps)
					}
				}
				mustBeFree(t, url)
				run(t, url+"&application_name=awake", dir, args...)
				if got := logged(t, url); got != c.again {
					t.Errorf("after a second run, the log says %s", got)
				}
			})
		}
	}
}

func TestSignalInConcurrentIndex(t *testing.T) {
	t.Parallel()
	for name, s := range signals {
		t.Run(name+", and what it left can be dropped at once", func(t *testing.T) {
			t.Parallel()
			w := startWaitingIndex(t, "CREATE INDEX CONCURRENTLY i ON t (n)")
			w.rung.signal(s.sig)
			w.rung.must(s.exit).said("no changes from 2_index were applied", "dropped the INVALID index public.i")
			if got := invalidIndexes(t, w.url); len(got) != 0 {
				t.Errorf("INVALID: %q", got)
			}
			mustBeFree(t, w.url)
			w.old.do("COMMIT")
			run(t, w.url, w.dir, "up")
			w.mustBeDone(t)
		})
		t.Run(name+", and what it left cannot be dropped at once", func(t *testing.T) {
			t.Parallel()
			w := startWaitingIndex(t, "CREATE INDEX CONCURRENTLY i ON t (n)")
			w.old.do("SELECT FROM t") // now DROP INDEX CONCURRENTLY waits for it too
			w.rung.signal(s.sig)
			w.rung.must(s.exit).said("no changes from 2_index were applied; the INVALID index public.i is left; the next `rung up` drops it")
			if got := strings.Join(invalidIndexes(t, w.url), " "); got != "i" {
				t.Errorf("INVALID: %q", got)
			}
			mustBeFree(t, w.url)
			w.old.do("COMMIT")
			run(t, w.url, w.dir, "up").said("dropped the INVALID index public.i")
			w.mustBeDone(t)
		})
	}
}

func TestSignalBetweenTwoTries(t *testing.T) {
	t.Parallel()
	for name, s := range signals {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address, dir, holder := held(t, altering["in a step"])
			p := start(t, address, dir, "up", "--lock-timeout", "50ms", "--lock-retries", "1000")
			eventually(t, "rung rests between two tries", func() bool { return strings.Contains(p.stderr.String(), "retry 4 of") })
			p.signal(s.sig)
			p.must(s.exit).said("2_alter is applied up to step 1 of 3")
			if got := steps(t, address, "2"); got != "1 done" {
				t.Errorf("steps: %s", got)
			}
			mustBeFree(t, address)
			holder.do("COMMIT")
			run(t, address, dir, "up")
		})
	}
}

// sleeping is a database on which a rung works that sleeps.
func sleeping(t *testing.T) (url, dir string, p *process) {
	t.Helper()
	url, dir = pgtest.URL(t), files(t, map[string]string{"1_nap.up.sql": nap})
	p = start(t, url, dir, "up")
	rungSleeps(t, url)
	return url, dir, p
}

func TestSignalWhileWaitingForTheRunnersLock(t *testing.T) {
	t.Parallel()
	for name, s := range signals {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, dir, worker := sleeping(t)
			var waiters []*process
			for range 5 { // they are at different points of asking and resting
				waiters = append(waiters, start(t, url, dir, "up"))
			}
			for _, p := range waiters {
				eventually(t, "it waits", func() bool { return strings.Contains(p.stderr.String(), "waiting for the migration lock") })
			}
			for _, p := range waiters {
				p.signal(s.sig)
			}
			for _, p := range waiters {
				p.must(s.exit).said("nothing was run")
			}
			if !worker.running() {
				t.Error("the one that works has stopped as well")
			}
			worker.signal(s.sig)
			worker.must(s.exit)
			mustBeFree(t, url)
		})
	}
}

func TestLockWait(t *testing.T) {
	t.Parallel()
	url, dir, worker := sleeping(t)
	pid := pgtest.QueryString(t, url, "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())")
	for _, wait := range []string{"0", "1s"} {
		p := start(t, url, dir, "up", "--lock-wait", wait, "--json").must(4)
		p.said(fmt.Sprintf("timed out waiting for the migration lock: held by pid %s (rung) since ", pid))
		if e := p.json().Error; e.Kind != "lock" || e.ExitCode != 4 {
			t.Errorf("%+v", e)
		}
	}
	// The one that works is gone: those who wait go on.
	p := start(t, url+"&application_name=awake", dir, "up")
	eventually(t, "it waits", func() bool { return strings.Contains(p.stderr.String(), "waiting for the migration lock") })
	worker.signal(syscall.SIGTERM)
	worker.must(143)
	p.must(0)
	if got := logged(t, url); got != "up 1" {
		t.Errorf("the log says %s", got)
	}
}

// Under nohup a closed terminal stops nothing.
func TestNohup(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	dir := files(t, map[string]string{"1_t.up.sql": "CREATE TABLE t ()", "2_a.up.sql": "ALTER TABLE t ADD a int"})
	run(t, url, dir, "up", "--to", "1")
	other := join(t, url, "reader")
	other.do("BEGIN; SELECT FROM t")
	p := start(t, url, dir, "up", "--lock-timeout", "1h")
	rungWaitsFor(t, url, other)
	p.signal(syscall.SIGHUP)
	p.must(129)
	// The shell ignores it for the one that it becomes.
	nohup := startWith(t, []string{"sh", "-c", `trap '' HUP; exec "$@"`, "sh"}, url, dir, "up", "--lock-timeout", "1h")
	rungWaitsFor(t, url, other)
	nohup.signal(syscall.SIGHUP)
	other.do("COMMIT")
	nohup.must(0)
}
