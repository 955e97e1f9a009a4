package runner

import (
	"os"
	"strings"
	"testing"

	"rung/internal/pgtest"
	"rung/runner/internal/store"
)

// The history tables as rungs of earlier forms left them, dumped by pg_dump: two
// migrations, one that was reverted, and a file that stopped in its middle. They
// are read as they are, brought to this form, and gone on with.
func TestUpgradeFromDumps(t *testing.T) {
	t.Parallel()
	common := pairs{
		"000001_users.up.sql":   "CREATE TABLE users (id bigint PRIMARY KEY, active boolean);\nINSERT INTO users (id) SELECT generate_series(1, 30);\n",
		"000001_users.down.sql": "DROP TABLE users;\n",
		"000002_name.up.sql":    "ALTER TABLE users ADD COLUMN name text;\n",
		"000002_name.down.sql":  "ALTER TABLE users DROP COLUMN name;\n",
		"000004_half.down.sql":  "DROP TABLE half;\n",
	}
	for name, c := range map[string]struct {
		half, fixed string
		standing    string
		backfills   int
	}{
		"001": {
			half:     "-- rung:no-transaction\nCREATE TABLE half (id int);\nINSERT INTO half VALUES (1);\nALTER TABLE half ADD CONSTRAINT positive CHECK (id > 1);\n",
			fixed:    "-- rung:no-transaction\nCREATE TABLE half (id int);\nINSERT INTO half VALUES (1);\nALTER TABLE half ADD CONSTRAINT positive CHECK (id > 0);\n",
			standing: "2 steps ran",
		},
		"005": {
			half:      "CREATE TABLE half (id int);\nCOMMIT;\n-- rung:batch key=users.id rows=10\nUPDATE users SET active = 1 / (25 - id) > 0 WHERE id BETWEEN $1 AND $2;\n",
			fixed:     "CREATE TABLE half (id int);\nCOMMIT;\n-- rung:batch key=users.id rows=10\nUPDATE users SET active = 1 / (25.5 - id) > 0 WHERE id BETWEEN $1 AND $2;\n",
			standing:  "1 step and 2 batches of step 2 ran",
			backfills: 1,
		},
		"002": {
			half:      "CREATE TABLE half (id int);\nCOMMIT;\n-- rung:batch key=users.id rows=10\nUPDATE users SET active = 1 / (25 - id) > 0 WHERE id BETWEEN $1 AND $2;\n",
			fixed:     "CREATE TABLE half (id int);\nCOMMIT;\n-- rung:batch key=users.id rows=10\nUPDATE users SET active = 1 / (25.5 - id) > 0 WHERE id BETWEEN $1 AND $2;\n",
			standing:  "1 step and 2 batches of step 2 ran",
			backfills: 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := pgtest.URL(t)
			dump, err := os.ReadFile("testdata/forms/" + name + ".sql")
			must(t, err)
			pgtest.Exec(t, url, string(dump))
			f := common.with(pairs{"000004_half.up.sql": c.half})
			r := testRunner(t, url, load(t, f))
			st, err := r.Status(testContext(t))
			must(t, err)
			if st.Pending() != 1 || len(st.Findings) != 1 || !strings.Contains(st.Findings[0].What, c.standing) || len(st.Backfills) != c.backfills {
				t.Errorf("%+v", st)
			}
			log, err := r.History(testContext(t), 0)
			if err != nil || len(log) < 4 || log[3].Action != "down" || log[3].Version != "3" {
				t.Errorf("%+v, %v", log, err)
			}
			if c.backfills > 0 {
				if _, err := r.Resume(testContext(t), nil); err != nil {
					t.Error(err)
				}
			}
			if got := pgtest.QueryString(t, url, "SELECT version::text FROM rung.format"); "00"+got != name {
				t.Errorf("reading made it form %s", got)
			}
			up(t, url, f.with(pairs{"000004_half.up.sql": c.fixed}))
			if got := pgtest.QueryString(t, url, "SELECT string_agg(scope || version || state, ' ' ORDER BY version) FROM rung.applied"); got != "1applied 2applied 4applied" {
				t.Error(got)
			}
			if got := pgtest.QueryString(t, url, "SELECT count(*) FROM rung.log"); got < "5" {
				t.Errorf("%s entries", got)
			}
			// What came with a later form works on them too.
			f = f.with(pairs{
				"000004_half.up.sql":    c.fixed,
				"000005_names.up.sql":   "-- rung:background\nALTER TABLE users ADD COLUMN n int;\n-- rung:batch key=users.id rows=10\nUPDATE users SET n = coalesce(n, 0) + 1 WHERE id BETWEEN $1 AND $2;\n",
				"000005_names.down.sql": "ALTER TABLE users DROP COLUMN n;\n",
			})
			if rep := up(t, url, f); len(rep.Background) != 1 {
				t.Errorf("%+v", rep)
			}
			work(t, url, f)
			is(t, url, "SELECT count(*) || ' ' || sum(n) FROM users", "30 30")
			down(t, url, f, Request{To: version("0"), DownFrom: FromRecorded})
		})
	}
}

// Everything in the history tables says what it is, in any database.
func TestEveryColumnHasAComment(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	up(t, url, pairs{"1_a.up.sql": ""})
	bare := pgtest.QueryStrings(t, url, `SELECT attrelid::regclass || '.' || attname FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
		WHERE relnamespace = 'rung'::regnamespace AND relkind = 'r' AND attnum > 0 AND NOT attisdropped AND col_description(attrelid, attnum) IS NULL`)
	if len(bare) > 0 {
		t.Errorf("%q", bare)
	}
	bare = pgtest.QueryStrings(t, url, "SELECT oid::regclass FROM pg_class WHERE relnamespace = 'rung'::regnamespace AND relkind IN ('r', 'v') AND obj_description(oid, 'pg_class') IS NULL")
	if len(bare) > 0 {
		t.Errorf("%q", bare)
	}
	want := store.ColumnsOf(store.FormatNow)
	got := pgtest.QueryStrings(t, url, `SELECT (relname || '.' || attname) COLLATE "C" FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
		WHERE relnamespace = 'rung'::regnamespace AND relkind IN ('r', 'v') AND attnum > 0 AND NOT attisdropped ORDER BY 1`)
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("formColumns and the tables differ:\n%q\n%q", got, want)
	}
}

// A role that may read the view and not the tables' SQL texts sees all that status
// shows; one from which row-level security hides rows is told so.
func TestWhoReads(t *testing.T) {
	t.Parallel()
	server := pgtest.Server(t).URL("")
	super := pgtest.Database(t, server)
	pgtest.Exec(t, super, "CREATE ROLE monitor LOGIN; CREATE ROLE hidden LOGIN")
	f := pairs{"1_a.up.sql": "ALTER ROLE monitor PASSWORD 'x';\n", "1_a.down.sql": "", "2_b.up.sql": ""}
	up(t, super, f.without("2_b.up.sql"))
	pgtest.Exec(t, super, `GRANT USAGE ON SCHEMA rung TO monitor, hidden;
		GRANT SELECT ON rung.format, rung.applied, rung.steps, rung.batches, rung.control, rung.log TO monitor;
		GRANT SELECT ON ALL TABLES IN SCHEMA rung TO hidden`)
	monitor := testRunner(t, pgtest.AsUser(t, super, "monitor"), load(t, f))
	st, err := monitor.Status(testContext(t))
	if err != nil || st.Pending() != 1 || len(st.Rows) != 2 {
		t.Errorf("%+v, %v", st, err)
	}
	if _, err := monitor.History(testContext(t), 0); err != nil {
		t.Error(err)
	}
	if err := pgtestTry(t, pgtest.AsUser(t, super, "monitor"), "SELECT up_sql FROM rung.migrations"); err == nil {
		t.Error("it sees the SQL")
	}
	pgtest.Exec(t, super, "ALTER TABLE rung.steps ENABLE ROW LEVEL SECURITY; ALTER TABLE rung.log ENABLE ROW LEVEL SECURITY")
	hidden := testRunner(t, pgtest.AsUser(t, super, "hidden"), load(t, f))
	_, err = hidden.Status(testContext(t))
	if err == nil || !strings.Contains(err.Error(), "row-level security") {
		t.Errorf("%v", err)
	}
	if _, err = hidden.Down(testContext(t), Request{}); err == nil || !strings.Contains(err.Error(), "row-level security") {
		t.Errorf("%v", err)
	}
	pgtest.Exec(t, super, "ALTER TABLE rung.steps DISABLE ROW LEVEL SECURITY")
	if _, err = hidden.History(testContext(t), 0); err == nil || !strings.Contains(err.Error(), "row-level security") {
		t.Errorf("%v", err)
	}
}
