package chaos

import (
	"fmt"
	"strings"
	"testing"

	"rung/internal/pgtest"
)

// halfway is a statement outside of a transaction whose server process was
// ended in its middle, while it waited for a bystander.
type halfway struct {
	name      string
	statement string // of the second migration
	hold      string // what the bystander does in its transaction
	left      string // what is to be seen of the half, as a query for a number above 0
	says      string // the second run
}

var halves = []halfway{
	{
		name: "REINDEX TABLE", statement: "REINDEX TABLE CONCURRENTLY t;", hold: "UPDATE t SET n = n + 0 WHERE n = 1",
		left: "SELECT count(*) FROM pg_class WHERE relname ~ '_ccnew'", says: "dropped the INVALID index pg_toast.pg_toast_",
	},
	{
		name: "REINDEX SCHEMA", statement: "REINDEX SCHEMA CONCURRENTLY app;", hold: "UPDATE app.a SET n = n + 0",
		left: "SELECT count(*) FROM pg_class WHERE relname ~ '_ccnew'", says: "dropped the INVALID index app.a_n_ccnew",
	},
	{
		name: "REINDEX by option", statement: "REINDEX (CONCURRENTLY, VERBOSE) INDEX t_v;", hold: "UPDATE t SET n = n + 0 WHERE n = 1",
		left: "SELECT count(*) FROM pg_class WHERE relname ~ '_ccnew'", says: "dropped the INVALID index public.t_v_ccnew",
	},
	{
		name: "DROP INDEX", statement: "DROP INDEX CONCURRENTLY t_v;", hold: "SELECT count(*) FROM t",
		left: "SELECT count(*) FROM pg_index WHERE NOT indisvalid",
	},
	{
		name: "DETACH PARTITION", statement: "ALTER TABLE p DETACH PARTITION p1 CONCURRENTLY /* last */ ; -- word", hold: "SELECT count(*) FROM p",
		left: "SELECT count(*) FROM pg_inherits WHERE inhdetachpending",
	},
	{
		name: "DETACH PARTITION under a search_path", statement: "SET search_path = app;\nALTER TABLE q DETACH PARTITION q1\n CONCURRENTLY;", hold: "SELECT count(*) FROM app.q",
		left: "SELECT count(*) FROM pg_inherits WHERE inhdetachpending",
	},
	{
		name: "CREATE INDEX under a search_path", statement: "SET search_path = app;\nCREATE INDEX CONCURRENTLY ON a (n, v);", hold: "UPDATE app.a SET n = n + 0",
		left: "SELECT count(*) FROM pg_index WHERE NOT indisvalid", says: "dropped the INVALID index app.a_n_v_idx",
	},
}

const halvesSetup = `
CREATE TABLE t (n int, v text); INSERT INTO t SELECT i, 'v' || i FROM generate_series(1, 100) i;
CREATE INDEX t_v ON t (v);
CREATE TABLE p (n int) PARTITION BY RANGE (n);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10); INSERT INTO p VALUES (1);
CREATE SCHEMA app;
CREATE TABLE app.a (n int, v text); CREATE INDEX a_n ON app.a (n); INSERT INTO app.a VALUES (1, 'v');
CREATE TABLE app.q (n int) PARTITION BY RANGE (n);
CREATE TABLE app.q1 PARTITION OF app.q FOR VALUES FROM (0) TO (10);
`

func TestEndedHalfway(t *testing.T) {
	t.Parallel()
	for _, h := range halves {
		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			dir := files(t, map[string]string{
				"1_setup.up.sql": halvesSetup, "3_last.up.sql": "SELECT 3",
				"2_half.up.sql": "-- rung:no-transaction\n" + h.statement + "\n",
			})
			undisturbed := pgtest.URL(t)
			run(t, undisturbed, dir, "up")

			url := pgtest.URL(t)
			run(t, url, dir, "up", "--to", "1")
			old := join(t, url, "bystander")
			old.do("BEGIN; " + h.hold)
			p := start(t, url, dir, "up")
			pid := rungWaitsFor(t, url, old)
			eventually(t, "half of it is done", func() bool { return pgtest.QueryString(t, url, h.left) != "0" })
			pgtest.Exec(t, url, fmt.Sprintf("SELECT pg_terminate_backend(%d)", pid))
			p.must(1).said("the outcome of step 1 of 1 of 2_half is unknown")
			if pgtest.QueryString(t, url, h.left) == "0" {
				t.Error("nothing is left of the half")
			}
			old.do("COMMIT")
			run(t, url, dir, "up").said(h.says)
			same(t, h.name, story(t, url), story(t, undisturbed))
			mustBeFree(t, url)
		})
	}
}

// fixing is a step that fails, and what its file is fixed to.
type fixing struct {
	name        string
	fails       string // of the second migration, after a step that counts
	says        string
	left        string // INVALID indexes after the failure
	before      string // SQL that fixes the data
	fixed       string // the whole second file; the same if empty
	exit        int
	saysFixed   string
	withIndexes string // all of table t in the end
}

var fixings = []fixing{
	{
		name: "the data is fixed", fails: "CREATE UNIQUE INDEX CONCURRENTLY i ON t (n);", says: "(23505)",
		before: "DELETE FROM t WHERE v = 'double'", withIndexes: "i true",
	},
	{
		name: "the data is fixed, under an index that PostgreSQL names", fails: "CREATE UNIQUE INDEX CONCURRENTLY ON t (n);", says: "(23505)",
		before: "DELETE FROM t WHERE v = 'double'", withIndexes: "t_n_idx true",
	},
	{
		name: "another index", fails: "CREATE UNIQUE INDEX CONCURRENTLY i ON t (n);", says: "(23505)",
		fixed: "CREATE INDEX CONCURRENTLY other ON t (n);", withIndexes: "other true",
	},
	{
		name: "a statement that runs in a transaction", fails: "CREATE UNIQUE INDEX CONCURRENTLY i ON t (n);", says: "(23505)",
		fixed: "CREATE INDEX other ON t (n);", withIndexes: "other true",
	},
	{
		name: "one outside in place of one inside of a transaction", fails: "ALTER TABLE t ADD CONSTRAINT u UNIQUE (n);", says: "(23505)",
		fixed: "CREATE INDEX CONCURRENTLY other ON t (n);", withIndexes: "other true",
	},
	{
		name: "two steps more", fails: "CREATE UNIQUE INDEX CONCURRENTLY i ON t (n);", says: "(23505)",
		fixed: "DELETE FROM t WHERE v = 'double';\nCREATE UNIQUE INDEX CONCURRENTLY i ON t (n);\nCREATE INDEX CONCURRENTLY j ON t (v);", withIndexes: "i true, j true",
	},
	{
		name: "nothing, and it was the last step", fails: "ALTER TABLE t ADD CONSTRAINT u UNIQUE (n);", says: "(23505)",
		fixed: "-- nothing more", withIndexes: "",
	},
	{
		name: "nothing, and it was the last step, outside of a transaction", fails: "CREATE UNIQUE INDEX CONCURRENTLY i ON t (n);", says: "(23505)",
		fixed: "-- nothing more", withIndexes: "",
	},
	{
		name: "a step that ran is edited too", fails: "SELECT 1/0;", says: "(22012)",
		fixed: "EDIT", exit: 3, saysFixed: "step 1 was edited after it had run", withIndexes: "",
	},
}

func TestFailedStepIsFixed(t *testing.T) {
	t.Parallel()
	const counts = "-- rung:no-transaction\nUPDATE counter SET n = n + 1;\n"
	for _, m := range fixings {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			url := pgtest.URL(t)
			dir := files(t, map[string]string{
				"1_setup.up.sql": "CREATE TABLE counter (n int); INSERT INTO counter VALUES (0); CREATE TABLE t (n int, v text); INSERT INTO t VALUES (1, 'one'), (1, 'double')",
				"2_fix.up.sql":   counts + m.fails, "3_last.up.sql": "UPDATE counter SET n = n + 10",
			})
			start(t, url, dir, "up").must(1).said(m.says, "2_fix is applied up to step 1 of 2; the next `rung up` resumes there")
			if got := strings.Join(invalidIndexes(t, url), " "); got != m.left {
				t.Errorf("INVALID: %q", got)
			}
			// Until it is fixed, it fails in the same way.
			start(t, url, dir, "up").must(1).said(m.says, "2_fix is applied up to step 1 of 2")
			if m.before != "" {
				pgtest.Exec(t, url, m.before)
			}
			switch m.fixed {
			case "":
			case "EDIT":
				write(t, dir, "2_fix.up.sql", strings.Replace(counts, "n + 1", "n + 2", 1)+"SELECT 1;")
			default:
				write(t, dir, "2_fix.up.sql", counts+m.fixed)
			}
			start(t, url, dir, "plan").must(m.exit)
			start(t, url, dir, "plan", "--sql").must(m.exit)
			run(t, url, dir, "status")
			p := start(t, url, dir, "up").must(m.exit).said(m.saysFixed)
			if m.exit != 0 {
				return
			}
			if got := logged(t, url); got != "up 1, up 2, up 3" {
				t.Errorf("the log says %s\n%s", got, p.stderr.String())
			}
			if got := states(t, url); got != "1 applied, 2 applied, 3 applied" {
				t.Errorf("the history says %s", got)
			}
			if got := pgtest.QueryString(t, url, "SELECT n FROM counter"); got != "11" {
				t.Errorf("the counter is at %s", got)
			}
			if got := pgtest.QueryString(t, url, "SELECT string_agg(indexrelid::regclass || ' ' || indisvalid, ', ' ORDER BY indexrelid::regclass::text) FROM pg_index WHERE indrelid = 't'::regclass"); got != m.withIndexes {
				t.Errorf("indexes: %q, not %q", got, m.withIndexes)
			}
			run(t, url, dir, "up")
			run(t, url, dir, "validate")
		})
	}
}

// What the file has set by then is in force again when it goes on in a new
// session, and rung's own bookkeeping does not suffer from it.
func TestSetsAreInForceAgain(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	role := reporter(t, url)
	t.Cleanup(func() { pgtest.Exec(t, url, "DROP OWNED BY "+role) })
	steps := `-- rung:no-transaction
CREATE SCHEMA app;
GRANT ALL ON SCHEMA app TO ` + role + `;
SET search_path = app;
SELECT set_config('my.value', 'kept', false);
SET ROLE ` + role + `;
CREATE TABLE t AS SELECT 1 AS n;
CREATE UNIQUE INDEX CONCURRENTLY i ON t (n);
INSERT INTO t SELECT 1/%s WHERE current_setting('my.value') = 'kept' AND current_user = '` + role + `';
CREATE INDEX CONCURRENTLY ON t ((n + 1));
RESET ROLE;
SET search_path = public;
CREATE TABLE of_public ();
`
	dir := files(t, map[string]string{"1_sets.up.sql": fmt.Sprintf(steps, "0")})
	start(t, url, dir, "up").must(1).said("division by zero", "1_sets is applied up to step 4 of 7")
	write(t, dir, "1_sets.up.sql", fmt.Sprintf(steps, "(-1)"))
	run(t, url, dir, "up")
	if got := pgtest.QueryString(t, url, "SELECT string_agg(n::text, ' ') FROM app.t"); got != "1 -1" {
		t.Errorf("app.t holds %s", got)
	}
	if got := pgtest.QueryString(t, url, "SELECT string_agg(n.nspname || '.' || c.relname || ' of ' || c.relowner::regrole, ', ' ORDER BY c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname IN ('app', 'public')"); got != strings.ReplaceAll("app.i of ROLE, public.of_public of postgres, app.t of ROLE, app.t_expr_idx of ROLE", "ROLE", role) {
		t.Errorf("in place: %s", got)
	}
}

// Another tool has left an INVALID index of the same name, which is not rung's
// to drop. IF NOT EXISTS passes over it; rung does not call that done.
func TestInvalidIndexOfAnotherTool(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	dir := files(t, map[string]string{
		"1_t.up.sql": "CREATE SCHEMA app; CREATE TABLE app.t (n int); INSERT INTO app.t VALUES (1), (1)",
		"2_i.up.sql": "SET search_path = app;\nCREATE INDEX CONCURRENTLY IF NOT EXISTS i ON t (n);\n",
	})
	run(t, url, dir, "up", "--to", "1")
	if err := try(url, "CREATE UNIQUE INDEX CONCURRENTLY i ON app.t (n)"); err == nil {
		t.Fatal("there is no INVALID index")
	}
	for range 2 {
		start(t, url, dir, "up").must(1).said("index app.i is INVALID: another tool left it, and IF NOT EXISTS skipped it", "DROP INDEX CONCURRENTLY app.i, then run `rung up` again")
	}
	pgtest.Exec(t, url, "DROP INDEX CONCURRENTLY app.i")
	run(t, url, dir, "up")
	if got := pgtest.QueryString(t, url, "SELECT indisvalid AND NOT indisunique FROM pg_index WHERE indexrelid = 'app.i'::regclass"); got != "true" {
		t.Error("the index is not that of the file")
	}
}

// An index that somebody else has made meanwhile, on other columns, is not
// taken for the step's own.
func TestSomebodyElsesIndex(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	dir := files(t, map[string]string{
		"1_t.up.sql": "CREATE TABLE t (n int, m int)",
		"2_i.up.sql": "CREATE INDEX CONCURRENTLY ON t (n)",
	})
	run(t, url, dir, "up", "--to", "1")
	old := join(t, url, "bystander")
	old.do("BEGIN; LOCK TABLE t IN SHARE UPDATE EXCLUSIVE MODE")
	p := start(t, url, dir, "up")
	pid := rungWaitsFor(t, url, old)
	pgtest.Exec(t, url, fmt.Sprintf("SELECT pg_terminate_backend(%d)", pid))
	p.must(1)
	old.do("COMMIT; CREATE INDEX ON t (m); CREATE INDEX ON t (n, m)")
	run(t, url, dir, "up")
	if got := pgtest.QueryString(t, url, "SELECT string_agg(indexrelid::regclass::text, ' ' ORDER BY indexrelid::regclass::text) FROM pg_index WHERE indrelid = 't'::regclass"); got != "t_m_idx t_n_idx t_n_m_idx" {
		t.Errorf("indexes: %s", got)
	}
}

// Whether a statement succeeded that was cut off is only to be found out if
// it still stands in the file.
func TestStepOfUnknownEndIsEdited(t *testing.T) {
	t.Parallel()
	w := startWaitingIndex(t, "CREATE INDEX CONCURRENTLY i ON t (n)")
	w.rung.kill9()
	write(t, w.dir, "2_index.up.sql", "CREATE INDEX CONCURRENTLY j ON t (n)")
	start(t, w.url, w.dir, "up").must(3).said("step 1 was edited after it had run")
	w.old.do("COMMIT")
	write(t, w.dir, "2_index.up.sql", "CREATE INDEX CONCURRENTLY i ON t (n)")
	run(t, w.url, w.dir, "up")
	w.mustBeDone(t)
}

// A statement that its killed runner left running is waited for under its old
// number, before what the fix put above it runs.
func TestStepOfUnknownEndIsMoved(t *testing.T) {
	t.Parallel()
	const create = "CREATE INDEX CONCURRENTLY i ON t (n)"
	w := startWaitingIndex(t, create)
	w.rung.kill9()
	write(t, w.dir, "2_index.up.sql", "CREATE TABLE above ();\n"+create)
	next := start(t, w.url, w.dir, "up")
	eventually(t, "the next one waits for it", func() bool {
		return strings.Contains(next.stderr.String(), fmt.Sprintf("blocked by pid %d", w.pid))
	})
	if got := pgtest.QueryString(t, w.url, "SELECT to_regclass('above') IS NULL"); got != "true" {
		t.Error("it has begun beside the old statement")
	}
	w.old.do("COMMIT")
	next.must(0)
	w.mustBeDone(t)
}
