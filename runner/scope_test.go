package runner

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"rung/internal/pgtest"
	"rung/runner/internal/store"
)

// othersRows give a schema of its own, in the same history tables, all that could
// be taken for this database's: versions before, between and after, one half
// applied, the steps and batches of the file that is applied next, and a pause.
const othersRows = `
	INSERT INTO rung.migrations (scope, version, name, state, up_checksum, up_sql, down_sql, run, rung_version)
	SELECT 'tenant', v, 'other', s, repeat('0', 64), 'SELECT 1 / 0', 'SELECT 1 / 0', 'r', 'v'
	  FROM (VALUES (1, 'applied'), (2, 'applied'), (3, 'applying'), (9, 'applying')) AS o (v, s);
	INSERT INTO rung.steps (scope, version, direction, step, checksum, state, run, batch_key, estimate)
	SELECT 'tenant', v, d, s, repeat('0', 64), CASE s WHEN 1 THEN 'done' ELSE 'failed' END, 'r', 'public.t (id)', 10
	  FROM unnest(ARRAY[3, 9]) AS v, unnest(ARRAY['up', 'down']) AS d, generate_series(1, 3) AS s;
	INSERT INTO rung.batches (scope, version, direction, step, after_key, first_key, last_key, keys, rows, duration, run)
	SELECT 'tenant', 3, 'up', 2, '{0}', '{1}', '{20}', 20, 20, '1 s', 'r';
	INSERT INTO rung.control (scope, version, paused) VALUES ('tenant', 3, true);
	INSERT INTO rung.log (scope, action, version, name, run, rung_version, message)
	VALUES ('tenant', 'up-failed', 9, 'other', 'r', 'v', 'it failed')`

const othersAre = `SELECT string_agg(t, E'\n' ORDER BY t) FROM (
	SELECT 'm' || m AS t FROM rung.migrations AS m WHERE scope <> '' UNION ALL SELECT 's' || s FROM rung.steps AS s WHERE scope <> ''
	UNION ALL SELECT 'b' || b FROM rung.batches AS b WHERE scope <> '' UNION ALL SELECT 'c' || c FROM rung.control AS c WHERE scope <> '') AS o`

func TestOtherScopesAreNotTheDatabases(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	f := pairs{
		"2_t.up.sql":   "CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL DEFAULT 0);\nINSERT INTO t SELECT generate_series(1, 30);\n",
		"2_t.down.sql": "DROP TABLE t;\n",
	}
	up(t, url, f)
	pgtest.Exec(t, url, othersRows)
	others := pgtest.QueryString(t, url, othersAre)
	f = f.with(pairs{
		"3_n.up.sql":   "SELECT 1;\nCOMMIT;\n-- rung:batch key=t.id rows=10\nUPDATE t SET n = 1000 / (25 - id) WHERE id BETWEEN $1 AND $2;\n",
		"3_n.down.sql": "-- rung:no-transaction\nUPDATE t SET n = 0;\nSELECT 1;\n",
	})
	r := testRunner(t, url, load(t, f))
	st, err := r.Status(testContext(t))
	if err != nil || len(st.Rows) != 2 || st.Pending() != 1 || len(st.Findings) != 0 || len(st.Backfills) != 0 || st.LastFailure != nil {
		t.Errorf("%+v, %v", st, err)
	}
	if _, err := r.Up(testContext(t), UpRequest{}); err == nil || !strings.Contains(err.Error(), "division by zero") {
		t.Fatalf("%v", err)
	}
	st, err = r.Status(testContext(t))
	if err != nil || len(st.Backfills) != 1 || st.Backfills[0].Paused || st.Backfills[0].Keys != 22 || len(st.Findings) != 1 || !strings.Contains(st.Findings[0].What, "batches of step 2") {
		t.Errorf("%+v, %v", st, err)
	}
	steered(t, url, tune(Tuning{Rows: ptr(5)}))
	f["3_n.up.sql"] = strings.Replace(f["3_n.up.sql"], "25", "25.5", 1)
	up(t, url, f)
	is(t, url, "SELECT count(*) FROM t WHERE n = 0", "0")
	log, err := r.History(testContext(t), 0)
	if err != nil {
		t.Error(err)
	}
	for _, e := range log {
		if e.Version == "9" {
			t.Errorf("%+v", e)
		}
	}
	down(t, url, f, Request{To: version("0")})
	is(t, url, "SELECT count(*) FROM rung.migrations WHERE scope = ''", "0")
	if got := pgtest.QueryString(t, url, othersAre); got != others {
		t.Errorf("before:\n%s\nafter:\n%s", others, got)
	}
}

// No statement reads or changes rows by their version alone, in whatever command.
func TestEveryStatementNamesItsScope(t *testing.T) {
	t.Parallel()
	rows := regexp.MustCompile(`(?:FROM|JOIN|UPDATE) :"schema"\.(migrations|applied|steps|batches|control|:\{versions\})`)
	paths, err := fs.Glob(store.Embedded, "sql/*.sql")
	must(t, err)
	for _, path := range paths {
		text, err := store.Embedded.ReadFile(path)
		must(t, err)
		for _, statement := range strings.Split(string(text), ";\n") {
			named := strings.Contains(statement, ":'scope'") || strings.Contains(statement, ":{ours}")
			if rows.MatchString(statement) && !named && path != "sql/applied_view.sql" && path != "sql/scopes.sql" {
				t.Errorf("%s reads the rows of any scope:\n%s", path, statement)
			}
		}
	}
}
