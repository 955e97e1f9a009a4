package runner

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"rung/internal/pgtest"
)

// byHandScript is what `plan --sql` prints.
func byHandScript(t testing.TB, url string, d *Directory, dir Direction, req UpRequest, change ...func(*Config)) string {
	t.Helper()
	var b strings.Builder
	if _, err := testRunner(t, url, d, change...).WriteScript(testContext(t), dir, req, &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// runByHand gives a script to psql.
func runByHand(t testing.TB, url, script string) {
	t.Helper()
	if out, err := tryByHand(t, url, script); err != nil {
		t.Fatalf("psql: %v\n%s", err, out)
	}
}

func tryByHand(t testing.TB, url, script string) (string, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "plan.sql")
	must(t, os.WriteFile(path, []byte(script), 0o600))
	cmd := exec.CommandContext(testContext(t), "psql", "-X", "-f", path, url)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// record is what the history says, but for when, how long, and in which run.
func record(t testing.TB, url string) string {
	t.Helper()
	const query = `
SELECT 'format', version::text FROM rung.format
UNION ALL (SELECT 'migration', row(version, name, state, up_checksum, down_checksum, up_sql, down_sql, applied_by, rung_version, plan_hash, adopted_from, duration >= '0')::text FROM rung.migrations ORDER BY version)
UNION ALL (SELECT 'step', row(version, direction, step, checksum, state, finished_at >= started_at, cardinality(prior_indexes), batch_key, upper_key)::text FROM rung.steps ORDER BY version, direction, step)
UNION ALL (SELECT 'batches', row(version, direction, step, sum(rows), sum(keys), max(last_key))::text FROM rung.batches GROUP BY version, direction, step ORDER BY version, direction, step)
UNION ALL (SELECT 'log', row(actor, action, version, name, checksum, duration >= '0', rung_version, note)::text FROM rung.log ORDER BY id)`
	return strings.Join(pgtest.QueryStrings(t, url, query), "\n")
}

// sameRecord compares two databases and what rung says of them.
func sameRecord(t testing.TB, got, want string) {
	t.Helper()
	if g, w := pgtest.Snapshot(t, got), pgtest.Snapshot(t, want); g != w {
		t.Errorf("not the same\n%s", differing(g, w))
	}
	if g, w := record(t, got), record(t, want); g != w {
		t.Errorf("not the same record\n%s", differing(g, w))
	}
}

// sameByHand applies the files by rung to one database and by psql to another.
func sameByHand(t *testing.T, got, want string, f pairs, dir Direction, req UpRequest, change ...func(*Config)) {
	t.Helper()
	d := load(t, f)
	runByHand(t, got, byHandScript(t, got, d, dir, req, change...))
	r := testRunner(t, want, d, change...)
	var err error
	if dir == Up {
		_, err = r.Up(testContext(t), req)
	} else {
		_, err = r.Down(testContext(t), req.Request)
	}
	must(t, err)
	sameRecord(t, got, want)
	if st, err := r.Status(testContext(t)); err != nil || len(st.Findings) > 0 {
		t.Errorf("status after it: %+v, %v", st, err)
	}
}

func TestByHand(t *testing.T) {
	for name, c := range map[string]struct {
		before string // SQL on both databases
		files  pairs
		change func(*Config)
	}{
		"nothing": {files: pairs{"1_a.up.sql": ""}},
		"a schema and a role that want quotes": {
			before: `DO $$BEGIN CREATE ROLE "by-hand ""role"; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END$$; CREATE SCHEMA rung AUTHORIZATION "by-hand ""role"; GRANT ALL ON SCHEMA public TO "by-hand ""role"`,
			files: pairs{
				"1_a.up.sql": "CREATE TABLE a AS SELECT current_user AS u;\n",
				"2_b.up.sql": "CREATE INDEX CONCURRENTLY i ON a (u);\nVACUUM a;\n",
			},
			change: func(c *Config) { c.Role = `by-hand "role` },
		},
		"quotes, backslashes and colons in the texts that are recorded": {
			files: pairs{"1_it's \\ :x.up.sql": "SELECT E'\\\\ :x', ':''x''', $$:\"x\"$$, (ARRAY[1,2,3])[1:2], 'é🐘'; -- :x\n", "1_it's \\ :x.down.sql": "SELECT ':x', '\\';\n"},
		},
		"in a database of another encoding": {
			files: pairs{"1_é.up.sql": "CREATE TABLE ä (é text DEFAULT 'ü');\nINSERT INTO ä VALUES (DEFAULT), ('ß');\nCOPY ä FROM stdin;\nñ\n\\.\n", "2_b.up.sql": "INSERT INTO ä VALUES ('Å');\n"},
		},
		"dates as the driver reads them": {
			before: "DO $$BEGIN EXECUTE format('ALTER DATABASE %I SET datestyle = %L', current_database(), 'ISO, DMY'); END$$",
			files:  pairs{"1_a.up.sql": "CREATE TABLE a AS SELECT date '02/03/2024' AS d;\n", "2_b.up.sql": "INSERT INTO a VALUES ('04/05/2024');\n"},
		},
		"session settings, and none of them in the next file": {
			files: pairs{
				"1_a.up.sql": "SET search_path = pg_catalog;\nSET work_mem = '7MB';\nCREATE TEMP TABLE x (a int);\nPREPARE q AS SELECT 1;\nSELECT pg_advisory_lock(5);\nLISTEN n;\n",
				"2_b.up.sql": "CREATE TABLE b AS SELECT current_setting('work_mem') AS m, current_setting('search_path') AS p, to_regclass('x') AS x, (SELECT count(*) FROM pg_prepared_statements) AS q, (SELECT count(*) FROM pg_listening_channels()) AS n;\n",
			},
		},
		"roles that a file takes on": {
			before: "DO $$BEGIN CREATE ROLE by_hand_other; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END$$; GRANT ALL ON SCHEMA public TO by_hand_other",
			files: pairs{
				"1_a.up.sql": "SET ROLE by_hand_other;\nCREATE TABLE a (id int);\n",
				"2_b.up.sql": "SET SESSION AUTHORIZATION by_hand_other;\nCREATE TABLE b (id int);\n",
				"3_c.up.sql": "SET ROLE by_hand_other;\nCREATE INDEX CONCURRENTLY i ON a (id);\nCREATE TABLE c (id int);\nVACUUM a;\n",
			},
		},
		"isolation levels": {
			files: pairs{
				"1_a.up.sql": "BEGIN ISOLATION LEVEL SERIALIZABLE;\nCREATE TABLE a AS SELECT current_setting('transaction_isolation') AS l;\nCOMMIT;\n",
				"2_b.up.sql": "BEGIN;\nSET TRANSACTION ISOLATION LEVEL REPEATABLE READ;\nINSERT INTO a SELECT current_setting('transaction_isolation');\nEND;\n",
			},
		},
		"limits": {
			files: pairs{
				"1_a.up.sql": "-- rung:lock-timeout 3s\n-- rung:statement-timeout 1min\nCREATE TABLE a AS SELECT current_setting('lock_timeout') AS l, current_setting('statement_timeout') AS s;\n",
				"2_b.up.sql": "INSERT INTO a SELECT current_setting('lock_timeout'), current_setting('statement_timeout');\n",
			},
			change: func(c *Config) { c.LockTimeout, c.StatementTimeout = 1500000000, 90000000000 },
		},
		"batches": {
			before: "CREATE TABLE t AS SELECT n AS id, n AS v FROM generate_series(1, 25) AS n; CREATE UNIQUE INDEX ON t (id)",
			files:  pairs{"1_a.up.sql": "-- rung:batch key=t.id rows=10\nUPDATE t SET v = v + 1 WHERE id BETWEEN $1 AND $2;\n"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			make := func() string {
				if strings.Contains(name, "encoding") {
					return encoded(t, "LATIN1")
				}
				return pgtest.URL(t)
			}
			got, want := make(), make()
			if c.before != "" {
				pgtest.Exec(t, got, c.before)
				pgtest.Exec(t, want, c.before)
			}
			var change []func(*Config)
			if c.change != nil {
				change = append(change, c.change)
			}
			sameByHand(t, got, want, c.files, Up, UpRequest{}, change...)
		})
	}
}

// encoded is a database whose encoding is not that of the files.
func encoded(t *testing.T, encoding string) string {
	t.Helper()
	url := pgtest.URL(t)
	name := strings.ToLower(encoding) + "_" + strings.ReplaceAll(pgtest.QueryString(t, url, "SELECT txid_current()"), "-", "") + url[strings.LastIndex(url, "/t")+2 : strings.LastIndex(url, "_")][:1]
	pgtest.Exec(t, url, fmt.Sprintf("CREATE DATABASE %s ENCODING '%s' LOCALE 'C' TEMPLATE template0", name, encoding))
	t.Cleanup(func() { _ = pgtestTry(t, url, "DROP DATABASE "+name+" WITH (FORCE)") })
	return strings.Replace(url, url[strings.LastIndex(url, "/"):strings.Index(url, "?")], "/"+name, 1)
}

// A migration that stopped half way goes on by hand from where it is.
func TestByHandResumed(t *testing.T) {
	t.Parallel()
	f := pairs{
		"1_a.up.sql": `SET search_path = public;
CREATE TABLE a (id int, n int);
CREATE INDEX CONCURRENTLY i ON a (id);
BEGIN;
INSERT INTO a SELECT id FROM later;
COMMIT;
CREATE INDEX CONCURRENTLY j ON a (n);
`,
		"1_a.down.sql": "DROP INDEX CONCURRENTLY j;\nBEGIN;\nDELETE FROM later WHERE id = 1;\nCOMMIT;\nDROP TABLE a;\n",
	}
	for name, c := range map[string]struct {
		begin func(url string) // leaves the migration in part
		dir   Direction
	}{
		"up": {func(url string) {
			_, _ = upFails(t, url, f)
			pgtest.Exec(t, url, "CREATE TABLE later (id int); INSERT INTO later VALUES (1)")
		}, Up},
		"up, cut off in the middle of a CREATE INDEX CONCURRENTLY": {func(url string) {
			pgtest.Exec(t, url, "CREATE TABLE later (id int); INSERT INTO later VALUES (1), (1)")
			index := load(t, f).Migrations[0].Up.Steps[3]
			// The last step fails, and then it looks as if it had been cut off.
			_, _ = upFails(t, url, pairs{"1_a.up.sql": strings.Replace(f["1_a.up.sql"], "j ON a (n)", "j ON a (none)", 1)})
			_ = pgtestTry(t, url, "CREATE UNIQUE INDEX CONCURRENTLY j ON a (id)")
			pgtest.Exec(t, url, "UPDATE rung.steps SET state = 'started', finished_at = NULL, checksum = '"+index.Checksum+"' WHERE step = 4")
		}, Up},
		"down": {func(url string) {
			pgtest.Exec(t, url, "CREATE TABLE later (id int); INSERT INTO later VALUES (1)")
			up(t, url, f)
			pgtest.Exec(t, url, "ALTER TABLE later RENAME TO sooner")
			if _, err := testRunner(t, url, load(t, f)).Down(testContext(t), Request{}); err == nil {
				t.Error("down succeeded")
			}
			pgtest.Exec(t, url, "ALTER TABLE sooner RENAME TO later")
		}, Down},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, want := pgtest.URL(t), pgtest.URL(t)
			c.begin(got)
			c.begin(want)
			sameByHand(t, got, want, f, c.dir, UpRequest{})
			if n := pgtest.QueryString(t, got, "SELECT count(*) FROM pg_index WHERE NOT indisvalid"); n != "0" {
				t.Errorf("%s INVALID indexes", n)
			}
		})
	}
}

// Two by hand, or one by hand beside a runner, do not get in each other's way.
func TestByHandTwice(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	d := load(t, pairs{"1_a.up.sql": "CREATE TABLE a (id int);\n"})
	script := byHandScript(t, url, d, Up, UpRequest{})
	runByHand(t, url, script)
	if out, err := tryByHand(t, url, script); err == nil || !strings.Contains(out, "since this script was made, rung has run on this database and created its history tables\nHINT:  make the script again: rung plan --sql") {
		t.Errorf("a second time: %v\n%s", err, out)
	}
	pgtest.Exec(t, url, "DROP TABLE a; DELETE FROM rung.migrations")
	script = byHandScript(t, url, d, Up, UpRequest{})
	l := holdLock(t, url)
	out, err := tryByHand(t, url, script)
	l.Release()
	if err == nil || !strings.Contains(out, "another rung is running on this database") {
		t.Errorf("beside a runner: %v\n%s", err, out)
	}
	runByHand(t, url, script)
	if out, err := tryByHand(t, url, script); err == nil || !strings.Contains(out, "since this script was made, the history has changed: version 1 is applied now") {
		t.Errorf("the same again: %v\n%s", err, out)
	}
	if got := byHandScript(t, url, d, Up, UpRequest{}); got != "-- Nothing to do for `rung up`.\n" {
		t.Error(got)
	}
}
