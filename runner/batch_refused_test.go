package runner

import (
	"errors"
	"strings"
	"testing"

	"rung/internal/pgtest"
)

// A key that cannot be walked is refused, with its place and the fix, and
// nothing is in place or recorded then.
func TestBatchKeyRefused(t *testing.T) {
	t.Parallel()
	const noIndex = "no index of t has the order of (k); batch by the primary key, or create a plain btree index on the key first"
	url := pgtest.URL(t)
	for _, c := range []struct{ name, ddl, key, want string }{
		{"no index", "CREATE TABLE t (k int NOT NULL, n int)", "t.k", noIndex},
		{"no index on an empty table", "CREATE TABLE t (k int NOT NULL, n int); CREATE TABLE other (k int)", "t.k", noIndex},
		{"partial index", "CREATE TABLE t (k int NOT NULL, n int); CREATE UNIQUE INDEX ON t (k) WHERE k > 0", "t.k", noIndex},
		{"index on an expression", "CREATE TABLE t (k int NOT NULL, n int); CREATE UNIQUE INDEX ON t ((k + 0))", "t.k", noIndex},
		{"hash index", "CREATE TABLE t (k int NOT NULL, n int); CREATE INDEX ON t USING hash (k)", "t.k", noIndex},
		{"BRIN index", "CREATE TABLE t (k int NOT NULL, n int); CREATE INDEX ON t USING brin (k)", "t.k", noIndex},
		{"INVALID index", "CREATE TABLE t (k int PRIMARY KEY, n int); UPDATE pg_index SET indisvalid = false WHERE indexrelid = 't_pkey'::regclass", "t.k", noIndex},
		{"index of another collation", `CREATE TABLE t (k text NOT NULL, n int); CREATE INDEX ON t (k COLLATE "en-US-x-icu")`, "t.k", noIndex},
		{"index for LIKE", "CREATE TABLE t (k text NOT NULL COLLATE \"en-US-x-icu\", n int); CREATE INDEX ON t (k text_pattern_ops)", "t.k", noIndex},
		{"second column of an index", "CREATE TABLE t (a int, k int, n int, PRIMARY KEY (a, k))", "t.k", noIndex},
		{"columns in another order", "CREATE TABLE t (a int, b int, n int, PRIMARY KEY (b, a))", "t(a,b)", "no index of t has the order of (a, b); batch by the primary key, or create a plain btree index on the key first"},
		{"columns in two directions", "CREATE TABLE t (a int NOT NULL, b int NOT NULL, n int); CREATE INDEX ON t (a, b DESC)", "t(a,b)", "no index of t has the order of (a, b); batch by the primary key, or create a plain btree index on the key first"},
		{"index of the first column alone", "CREATE TABLE t (a int NOT NULL, b int NOT NULL, n int); CREATE INDEX ON t (a)", "t(a,b)", "no index of t has the order of (a, b); batch by the primary key, or create a plain btree index on the key first"},
		{"an index that one partition lacks", `CREATE TABLE t (k int NOT NULL, n int) PARTITION BY RANGE (k);
			CREATE TABLE p1 PARTITION OF t FOR VALUES FROM (0) TO (10); CREATE TABLE p2 PARTITION OF t FOR VALUES FROM (10) TO (20); CREATE INDEX ON p1 (k)`, "t.k", noIndex},
		{"a view", "CREATE TABLE b (k int PRIMARY KEY, n int); CREATE VIEW t AS SELECT * FROM b", "t.k", "t of the batch's key is a view, which has no index to walk along; write key=table.column with the table below it; the statement may name the view"},
		{"no table", "SELECT 1", "t.k", "table t of the batch's key does not exist at this step; name it as key=table.column, with its schema where the search_path lacks it"},
		{"no schema", "SELECT 1", "app.t.k", "table app.t of the batch's key does not exist at this step; name it as key=table.column, with its schema where the search_path lacks it"},
		{"not in the search_path", "CREATE SCHEMA app; CREATE TABLE app.t (k int PRIMARY KEY)", "t.k", "table t of the batch's key does not exist at this step; name it as key=table.column, with its schema where the search_path lacks it"},
		{"no column", "CREATE TABLE t (k int PRIMARY KEY)", `t."K"`, `table t has no column "K" for the batch's key; name a column with an index, best the primary key`},
		{"a column that was dropped", "CREATE TABLE t (k int, j int PRIMARY KEY); ALTER TABLE t DROP k", "t.k", "table t has no column k for the batch's key; name a column with an index, best the primary key"},
		{"NULL", "CREATE TABLE t (k int UNIQUE, n int); INSERT INTO t VALUES (1), (NULL)", "t.k", "t has rows without a key: (k) is NULL, so no batch would reach them; batch by a column that is NOT NULL"},
		{"NULL alone", "CREATE TABLE t (k int UNIQUE, n int); INSERT INTO t VALUES (NULL)", "t.k", "t has rows without a key: (k) is NULL, so no batch would reach them; batch by a column that is NOT NULL"},
		{"NULL in the second column", "CREATE TABLE t (a int NOT NULL, b int, n int, UNIQUE (a, b)); INSERT INTO t VALUES (1, 1), (2, NULL), (3, 3)", "t(a,b)", "t has rows without a key: (a, b) is NULL, so no batch would reach them; batch by a column that is NOT NULL"},
	} {
		t.Run(c.name, func(t *testing.T) {
			pgtest.Exec(t, url, "DROP SCHEMA IF EXISTS public, app, rung CASCADE; CREATE SCHEMA public")
			pgtest.Exec(t, url, c.ddl)
			bounds := "k BETWEEN $1 AND $2"
			if strings.Contains(c.key, ",") {
				bounds = "(a, b) BETWEEN ($1, $2) AND ($3, $4)"
			}
			_, err := upFails(t, url, pairs{"1_n.up.sql": "\n-- rung:batch key=" + c.key + "\n  UPDATE t SET n = 1 WHERE " + bounds})
			var bad *BadFilesError
			if want := "sql/1_n.up.sql:3:3: " + c.want; !errors.As(err, &bad) || bad.Error() != want {
				t.Errorf("\ngot  %v\nwant %s", err, want)
			}
			is(t, url, "SELECT count(*) FROM rung.batches", "0")
			if !strings.HasPrefix(c.name, "NULL") { // which is looked for once the step is recorded
				is(t, url, "SELECT count(*) FROM rung.migrations", "0")
			}
		})
	}
}

// A step that is refused leaves those before it in place, and once the fix is
// made the next up goes on.
func TestBatchGoesOnAfterTheFix(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	f := pairs{"1_n.up.sql": `CREATE TABLE t (id int NOT NULL, n int);
INSERT INTO t SELECT i, 0 FROM generate_series(1, 100) i;
-- rung:batch key=t.id rows=30
UPDATE t SET n = n + 1 WHERE id BETWEEN $1 AND $2;
ALTER TABLE t ADD done boolean;`}
	_, err := upFails(t, url, f)
	if want := "sql/1_n.up.sql:4:1: no index of t has the order of (id); batch by the primary key, or create a plain btree index on the key first"; err.Error() != want {
		t.Error(err)
	}
	pgtest.Exec(t, url, "CREATE INDEX ON t (id)")
	up(t, url, f)
	everyOne(t, url)
	is(t, url, "SELECT count(*) FROM t WHERE done IS NULL", "100")
	is(t, url, "SELECT state FROM rung.migrations", "applied")
}

// The table may be made by the same file, and found by a search_path that the
// file sets; the file's SETs hold in each batch and nowhere else.
func TestBatchSeesTheFileBefore(t *testing.T) {
	t.Parallel()
	for _, set := range []string{"SET search_path = app;", "SELECT pg_catalog.set_config('search_path', 'app', false);"} {
		url := pgtest.URL(t)
		up(t, url, pairs{
			"1_n.up.sql": `CREATE SCHEMA app;
CREATE TABLE app.t (id int PRIMARY KEY, n int, path text, work text);
INSERT INTO app.t SELECT i, 0 FROM generate_series(1, 500) i;
` + set + `
SET work_mem = '7MB';
-- rung:batch key=t.id rows=100 vacuum=1
UPDATE t SET n = n + 1, path = current_setting('search_path'), work = current_setting('work_mem') WHERE id BETWEEN $1 AND $2;
`,
			"2_plain.up.sql": "CREATE TABLE where_am_i AS SELECT current_setting('search_path') AS path, current_setting('work_mem') AS work",
		})
		is(t, url, "SELECT DISTINCT n, path, work FROM app.t", "1|app|7MB")
		is(t, url, `SELECT path = '"$user", public', work <> '7MB' FROM public.where_am_i`, "true|true")
	}
}

// A role that the file takes on works in the batches, and need not see the history.
func TestBatchUnderTheFilesRole(t *testing.T) {
	url := pgtest.URL(t)
	numbered(t, url, 200)
	pgtest.Exec(t, url, "CREATE ROLE filler; GRANT SELECT, UPDATE ON t TO filler; ALTER TABLE t ADD who text")
	t.Cleanup(func() { pgtest.Exec(t, url, "DROP OWNED BY filler; DROP ROLE filler") })
	for i, set := range []string{"SET ROLE filler;", "SET SESSION AUTHORIZATION filler;"} {
		up(t, url, pairs{
			"1_a.up.sql": set + "\n-- rung:batch key=t.id rows=50\nUPDATE t SET n = n + 1, who = current_user WHERE id BETWEEN $1 AND $2;",
		}, func(c *Config) { c.HistorySchema = []string{"one", "two"}[i] })
		is(t, url, "SELECT DISTINCT n, who FROM t", []string{"1|filler", "2|filler"}[i])
	}
}

// An empty table has no batch, but its statements are read all the same: a
// mistake shows on the first database that it meets.
func TestBatchOnAnEmptyTable(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	pgtest.Exec(t, url, "CREATE TABLE t (id int PRIMARY KEY, n int)")
	f := pairs{"1_n.up.sql": "-- rung:batch key=t.id\nUPDATE t SET m = 1\n WHERE id BETWEEN $1 AND $2;\n"}
	_, err := upFails(t, url, f)
	var s *StatementError
	if !errors.As(err, &s) || err.Error() != `sql/1_n.up.sql:2:14: column "m" of relation "t" does not exist (42703)` || s.Source != "UPDATE t SET m = 1" || s.Caret != 14 {
		t.Errorf("%+v", err)
	}
	up(t, url, pairs{"1_n.up.sql": strings.Replace(f["1_n.up.sql"], "m = 1", "n = 1", 1)})
	is(t, url, "SELECT state FROM rung.migrations", "applied")
	is(t, url, "SELECT state FROM rung.steps", "done")
	is(t, url, "SELECT count(*) FROM rung.batches", "0")
}

// A mistake in the second statement of a batch is placed there.
func TestBatchErrorPlace(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	numbered(t, url, 10)
	_, err := upFails(t, url, pairs{"1_n.up.sql": `-- rung:batch key=t.id
SELECT id FROM t WHERE id BETWEEN $1 AND $2 FOR UPDATE;
-- é
UPDATE t
   SET n = m WHERE id BETWEEN $1 AND $2;
-- rung:end`})
	var s *StatementError
	if !errors.As(err, &s) || s.Line != 5 || s.Col != 12 || s.Caret != 12 || s.Source != "   SET n = m WHERE id BETWEEN $1 AND $2;" {
		t.Errorf("%+v", err)
	}
}

// Of a half-run step the statement may be fixed, but not the key: the history
// counts by it.
func TestBatchKeyIsKept(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	numbered(t, url, 300)
	pgtest.Exec(t, url, "ALTER TABLE t ADD other int; UPDATE t SET other = 301 - id; CREATE UNIQUE INDEX ON t (other); ALTER TABLE t ADD CHECK (n = 0 OR id <> 250)")
	f := counting("rows=100 target=1min")
	_, _ = upFails(t, url, f)
	before := ask(t, url, "SELECT count(*) FROM t WHERE n = 1")
	other := pairs{"1_count.up.sql": "-- rung:batch key=t.other\nUPDATE t SET n = n + 1 WHERE other BETWEEN $1 AND $2;\n"}
	_, err := upFails(t, url, other)
	if want := "sql/1_count.up.sql: 2 batches of the former step 1 committed over public.t (id), and the file does not say which batch resumes after them; restore the statement as it ran (at any place in the file), or revert the migration with `rung down` first"; err.Error() != want {
		t.Errorf("\ngot  %v\nwant %s", err, want)
	}
	is(t, url, "SELECT count(*) FROM t WHERE n = 1", before)
	up(t, url, pairs{"1_count.up.sql": "-- rung:batch key=public.t(id)\nUPDATE t SET n = n + 1 WHERE id BETWEEN $1 AND $2 AND id <> 250;\n"})
	is(t, url, "SELECT count(*) FROM t WHERE n = 1", "299")
}

// With --role, all is done as that role: the walk, the batches, their history.
// Who logs in need not have its rights otherwise, and then cannot VACUUM.
func TestBatchUnderRole(t *testing.T) {
	for name, c := range map[string]struct {
		inherit string
		vacuums bool
	}{"that is inherited": {"INHERIT", true}, "that is not": {"NOINHERIT", false}} {
		t.Run(name, func(t *testing.T) {
			url := pgtest.URL(t)
			pgtest.Exec(t, url, `CREATE ROLE owner; CREATE ROLE deployer LOGIN `+c.inherit+` IN ROLE owner;
				DO $$BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO owner', current_database()); END$$;
				CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL DEFAULT 0, who text) WITH (autovacuum_enabled = off);
				INSERT INTO t SELECT generate_series(1, 300); ALTER TABLE t OWNER TO owner`)
			t.Cleanup(func() { pgtest.Exec(t, url, "DROP OWNED BY owner, deployer; DROP ROLE deployer, owner") })
			h := &hearing{}
			up(t, pgtest.AsUser(t, url, "deployer"), pairs{"1_n.up.sql": "-- rung:batch key=t.id rows=100 vacuum=1 workers=2\nUPDATE t SET n = n + 1, who = current_user WHERE id BETWEEN $1 AND $2"},
				h.listen, func(c *Config) { c.Role = "owner" })
			is(t, url, "SELECT DISTINCT n, who FROM t", "1|owner")
			is(t, url, "SELECT tableowner FROM pg_tables WHERE tablename = 'batches'", "owner")
			if got := len(heard[Vacuumed](h)) > 0; got != c.vacuums {
				t.Errorf("vacuumed: %t", got)
			}
			eventually(t, "the server has counted as many", func() bool { return (vacuums(t, url, "t") > 0) == c.vacuums })
		})
	}
}

// Each batch of a file has a batch log of its own.
func TestBatchesOfOneFile(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	numbered(t, url, 500)
	pgtest.Exec(t, url, "ALTER TABLE t ADD CONSTRAINT stuck CHECK (n < 2 OR id <> 400)")
	text := counting("rows=100 target=1min")["1_count.up.sql"]
	f := pairs{"1_count.up.sql": text + text + "UPDATE t SET n = n - 1;\n"}
	_, err := upFails(t, url, f)
	var s *StatementError
	if !errors.As(err, &s) || s.Line != 4 || s.Keys != "(365) to (500)" || s.Standing != "1_count is applied in part: 3 batches of step 2 committed, 364 rows changed; the next `rung up` resumes there" {
		t.Errorf("%+v", err)
	}
	pgtest.Exec(t, url, "ALTER TABLE t DROP CONSTRAINT stuck")
	up(t, url, f)
	everyOne(t, url)
	is(t, url, "SELECT string_agg(step || ': ' || keys, ', ' ORDER BY step) FROM (SELECT step, sum(keys) AS keys FROM rung.batches GROUP BY step) s", "1: 500, 2: 500")
}
