package runner

import (
	"strings"
	"testing"

	"rung/internal/pgtest"
)

// stepwiseServer has roles, and a database whose user is no superuser but a
// member of them.
func stepwiseDatabase(t *testing.T) (super, url string) {
	t.Helper()
	server := pgtest.Server(t).URL("")
	pgtest.Exec(t, server, `CREATE ROLE deployer LOGIN; CREATE ROLE app_owner; CREATE ROLE table_owner;
		GRANT app_owner, table_owner TO deployer; ALTER ROLE deployer NOINHERIT`)
	super = pgtest.Database(t, server)
	pgtest.Exec(t, super, "CREATE SCHEMA rung AUTHORIZATION deployer; CREATE SCHEMA app AUTHORIZATION table_owner; GRANT USAGE ON SCHEMA app TO app_owner; GRANT CREATE ON SCHEMA public TO table_owner, app_owner, deployer")
	return super, pgtest.AsUser(t, super, "deployer")
}

// The file's own SETs rule its statements, and never the bookkeeping.
func TestStepwiseUnderTheFilesOwnSets(t *testing.T) {
	t.Parallel()
	super, url := stepwiseDatabase(t)
	f := pairs{
		"1_table.up.sql": "SET ROLE table_owner;\nCREATE TABLE app.t (id int);\nINSERT INTO app.t VALUES (1), (2);\n",
		"2_index.up.sql": "SET ROLE table_owner;\nSET search_path = app;\nCREATE INDEX CONCURRENTLY i ON t (id);\nVACUUM t;\nCREATE UNIQUE INDEX CONCURRENTLY ON t (id);\n",
		"3_group.up.sql": "SET SESSION ROLE table_owner;\nSET search_path = app;\nBEGIN;\nALTER TABLE t ADD a int;\nCOMMIT;\nDROP INDEX CONCURRENTLY i;\nCREATE INDEX CONCURRENTLY i ON t (a);\n",
	}
	up(t, url, f)
	want := "i|true\nt_id_idx|true"
	if got := strings.Join(pgtest.QueryStrings(t, super, "SELECT relname, indisvalid FROM pg_index JOIN pg_class ON oid = indexrelid WHERE indrelid = 'app.t'::regclass ORDER BY 1"), "\n"); got != want {
		t.Errorf("%s", got)
	}
	if got := pgtest.QueryString(t, super, "SELECT count(*) FROM rung.steps WHERE state = 'done'"); got != "6" {
		t.Errorf("%s steps are done", got)
	}
}

// An INVALID index is known for what it is whatever search_path and role the
// file sets, also when the run has been cut off.
func TestLeftoverUnderTheFilesOwnSets(t *testing.T) {
	t.Parallel()
	super, url := stepwiseDatabase(t)
	f := pairs{
		"1_table.up.sql": "SET ROLE table_owner;\nCREATE TABLE app.t (id int);\nINSERT INTO app.t VALUES (1), (1);\n",
		"2_index.up.sql": "SET ROLE table_owner;\nSET search_path = app;\nCREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON t (id);\n",
	}
	invalid := func() string {
		return pgtest.QueryString(t, super, "SELECT count(*) FROM pg_index WHERE NOT indisvalid")
	}
	if _, err := upFails(t, url, f); !strings.Contains(err.Error(), "could not create unique index") {
		t.Fatal(err)
	}
	if n := invalid(); n != "0" {
		t.Errorf("%s INVALID indexes after the error", n)
	}
	// As if the run had been killed in the middle.
	pgtest.Exec(t, super, "SET ROLE table_owner; INSERT INTO app.t VALUES (2)")
	_ = pgtestTry(t, super, "CREATE UNIQUE INDEX CONCURRENTLY i ON app.t (id)")
	pgtest.Exec(t, super, "UPDATE rung.steps SET state = 'started'")
	if n := invalid(); n != "1" {
		t.Fatalf("%s INVALID indexes", n)
	}
	pgtest.Exec(t, super, "DELETE FROM app.t")
	up(t, url, f)
	if got := pgtest.QueryString(t, super, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'app.i'::regclass"); got != "true" {
		t.Error("the index is INVALID, and the file counts as applied")
	}
}

// The INVALID index of another tool's try is not passed over.
func TestForeignInvalidIndexUnderSearchPath(t *testing.T) {
	t.Parallel()
	super, url := stepwiseDatabase(t)
	pgtest.Exec(t, super, "CREATE TABLE app.t (id int); ALTER TABLE app.t OWNER TO table_owner; INSERT INTO app.t VALUES (1), (1)")
	_ = pgtestTry(t, super, "CREATE UNIQUE INDEX CONCURRENTLY i ON app.t (id)")
	_, err := upFails(t, url, pairs{"1_index.up.sql": "SET ROLE table_owner;\nSET search_path = app;\nCREATE INDEX CONCURRENTLY IF NOT EXISTS i ON t (id);\n"})
	if !strings.Contains(err.Error(), "index app.i is INVALID") {
		t.Error(err)
	}
}

// --role does the work; what a file sets for itself goes before it.
func TestRoleAndTheFilesOwn(t *testing.T) {
	t.Parallel()
	super, url := stepwiseDatabase(t)
	pgtest.Exec(t, super, "GRANT table_owner TO app_owner; ALTER SCHEMA rung OWNER TO app_owner")
	f := pairs{
		"1_a.up.sql": "CREATE TABLE public.a (id int);\n",
		"2_b.up.sql": "SET ROLE table_owner;\nCREATE TABLE public.b (id int);\n",
		"3_c.up.sql": "-- rung:no-transaction\nCREATE TABLE public.c (id int);\nVACUUM public.a;\nSET ROLE table_owner;\nCREATE TABLE public.d (id int);\nCREATE INDEX CONCURRENTLY ON public.d (id);\nVACUUM public.b;\nSELECT 1;\n",
		"4_e.up.sql": "CREATE INDEX CONCURRENTLY ON public.a (id);\n",
	}
	role := func(c *Config) { c.Role = "app_owner" }
	up(t, url, f, role)
	want := "a app_owner, b table_owner, c app_owner, d table_owner"
	if got := pgtest.QueryString(t, super, "SELECT string_agg(relname || ' ' || relowner::regrole, ', ' ORDER BY relname) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"); got != want {
		t.Error(got)
	}
	if got := pgtest.QueryString(t, super, "SELECT string_agg(DISTINCT relowner::regrole::text, ', ') FROM pg_class WHERE relnamespace = 'rung'::regnamespace"); got != "app_owner" {
		t.Errorf("the history belongs to %s", got)
	}
}

// What a step leaves in its session is there for the next steps of its file.
func TestStepsShareTheirSession(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	f := pairs{
		"1_temp.up.sql": "CREATE TABLE t (id int);\n",
		"2_temp.up.sql": `BEGIN;
CREATE TEMP TABLE chosen AS SELECT 7 AS id;
PREPARE add AS INSERT INTO t SELECT id FROM chosen;
COMMIT;
VACUUM t;
BEGIN;
EXECUTE add;
COMMIT;
DROP TABLE chosen;
`,
		"3_gone.up.sql": "DO $$BEGIN ASSERT to_regclass('chosen') IS NULL AND NOT EXISTS (SELECT FROM pg_prepared_statements); END$$;\n",
	}
	up(t, url, f)
	if got := pgtest.QueryString(t, url, "SELECT id FROM t"); got != "7" {
		t.Error(got)
	}
}

// A file that sets its own limits means them.
func TestTheFilesOwnLimits(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	const note = "DO $$BEGIN INSERT INTO noted VALUES (current_setting('lock_timeout'), current_setting('statement_timeout')); END$$;\n"
	// Only the server knows what a VACUUM runs under: an index expression tells.
	f := pairs{
		"1_a.up.sql": `CREATE TABLE noted (lock_timeout text, statement_timeout text);
CREATE TABLE t (id int);
INSERT INTO t VALUES (1);
CREATE FUNCTION note(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$BEGIN RAISE NOTICE 'limits % %', current_setting('lock_timeout'), current_setting('statement_timeout'); RETURN $1; END$$;
`,
		"2_plain.up.sql":    note,
		"3_head.up.sql":     "-- rung:lock-timeout 3s\n-- rung:statement-timeout 1min\n" + note,
		"4_own.up.sql":      "SET lock_timeout = '4s';\n" + note,
		"5_own_step.up.sql": "SET lock_timeout = '6s';\nSET statement_timeout = '2min';\nCREATE INDEX CONCURRENTLY ON t (note(id));\n" + note,
		"6_cic.up.sql":      "CREATE INDEX CONCURRENTLY ON t (note(id));\n",
		"7_head_cic.up.sql": "-- rung:lock-timeout 7s\nCREATE INDEX CONCURRENTLY ON t (note(id));\n",
	}
	var said []string
	up(t, url, f, func(c *Config) {
		c.Events = func(e Event) {
			if n, ok := e.(Notice); ok && strings.HasPrefix(n.Message, "limits") {
				said = append(said, n.Message)
			}
		}
	})
	want := "5s|0\n3s|1min\n4s|0\n6s|2min"
	if got := strings.Join(pgtest.QueryStrings(t, url, "SELECT * FROM noted"), "\n"); got != want {
		t.Errorf("in transactions: %s", got)
	}
	want = "limits 6s 2min, limits 0 0, limits 7s 0"
	if got := strings.Join(said, ", "); got != want {
		t.Errorf("outside: %s", got)
	}
}
