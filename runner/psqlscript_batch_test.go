package runner

import (
	"fmt"
	"strings"
	"testing"

	"rung/internal/pgtest"
)

// Batches by hand do what those of rung do, and leave the same batch log.
func TestByHandBatches(t *testing.T) {
	const role = "DO $$BEGIN CREATE ROLE by_hand_filler; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END$$;"
	const table = "CREATE TABLE t AS SELECT n AS id, n AS v, ''::text AS who FROM generate_series(1, 25) AS n; CREATE UNIQUE INDEX ON t (id); ANALYZE t;"
	const batch = "-- rung:batch key=t.id rows=10\n"
	const who = batch + "UPDATE t SET v = v + 1, who = current_user || current_setting('lock_timeout') || current_setting('statement_timeout') WHERE id BETWEEN $1 AND $2;\n"
	for name, c := range map[string]struct {
		before, file string
		change       func(*Config)
	}{
		"a role that the file takes on":     {role + table + "GRANT SELECT, UPDATE ON t TO by_hand_filler", "SET ROLE by_hand_filler;\n" + who, nil},
		"a user that the file becomes":      {role + table + "GRANT SELECT, UPDATE ON t TO by_hand_filler", "SET SESSION AUTHORIZATION by_hand_filler;\n" + who, nil},
		"a role that set_config takes on":   {role + table + "GRANT SELECT, UPDATE ON t TO by_hand_filler", "SELECT set_config('role', 'by_hand_filler', false);\n" + who, nil},
		"--role, and another of the file's": {role + table + "DO $$BEGIN CREATE ROLE by_hand_owner; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END$$; GRANT by_hand_filler TO by_hand_owner; CREATE SCHEMA rung AUTHORIZATION by_hand_owner; GRANT ALL ON t TO by_hand_filler", "SET ROLE by_hand_filler;\n" + who, func(c *Config) { c.Role = "by_hand_owner" }},
		"limits of the directives":          {table, "-- rung:lock-timeout 3s\n-- rung:statement-timeout 1min\n" + who, nil},
		"limits of the flags":               {table, who, func(c *Config) { c.LockTimeout, c.StatementTimeout = 1500000000, 90000000000 }},
		"limits that the file sets":         {table, "-- rung:lock-timeout 3s\nSET lock_timeout = '4s';\nSET statement_timeout = '2min';\n" + who, nil},
		"a limit that is less than the loop takes": {table, "-- rung:statement-timeout 700ms\n" + strings.Replace(batch, "10", "5", 1) +
			"UPDATE t SET v = v + 1 FROM (SELECT pg_sleep(0.2)) AS s WHERE id BETWEEN $1 AND $2;\n", nil},
		"a composite key": {
			"CREATE TYPE ty AS (a int, b text); CREATE TABLE t AS SELECT ROW(n, n::text)::ty AS id, n AS v FROM generate_series(1, 25) AS n; ALTER TABLE t ADD UNIQUE (id), ALTER id SET NOT NULL",
			batch + "UPDATE t SET v = v + 1 WHERE id BETWEEN $1 AND $2;\n", nil,
		},
		"a composite key with empty fields": {
			"CREATE TYPE ty AS (a int, b text); CREATE TABLE t AS SELECT ROW(n, NULL)::ty AS id, n AS v FROM generate_series(1, 25) AS n; ALTER TABLE t ADD UNIQUE (id), ALTER id SET NOT NULL",
			batch + "UPDATE t SET v = v + 1 WHERE id BETWEEN $1 AND $2;\n", nil,
		},
		"a key of two columns": {
			"CREATE TABLE t AS SELECT n % 7 AS a, n AS b, n AS v FROM generate_series(1, 25) AS n; CREATE UNIQUE INDEX ON t (a, b)",
			"-- rung:batch key=t(a,b) rows=10\nUPDATE t SET v = v + 1 WHERE (a, b) BETWEEN ($1, $2) AND ($3, $4);\n", nil,
		},
		"dollar quotes that ours must not end":  {table, batch + "UPDATE t SET v = v + 1, who = $rung$a$rung$ || $rung_batch$b$rung_batch$ || $batch$c$batch$ WHERE id BETWEEN $1 AND $2;\n", nil},
		"a name at the end that could be a tag": {table + "CREATE TABLE a$batch (id int)", batch + "INSERT INTO a$batch SELECT id FROM t WHERE id BETWEEN $1 AND $2 UNION SELECT 1 AS a$batch;\n", nil},
		"dates that the session writes in its own way": {
			"CREATE TABLE t AS SELECT date '2024-02-01' + n AS id, n AS v FROM generate_series(1, 25) AS n; CREATE UNIQUE INDEX ON t (id)",
			"SET datestyle = 'SQL, DMY';\nSET default_transaction_isolation = serializable;\n" + batch + "UPDATE t SET v = v + 1 WHERE id BETWEEN $1 AND $2;\n", nil,
		},
		"several statements": {table, batch + "SELECT id FROM t WHERE id BETWEEN $1 AND $2 FOR UPDATE;\nUPDATE t SET v = v + 1 WHERE id BETWEEN $1 AND $2 AND id > 3;\n-- rung:end\n", nil},
		"a batch, and a table in the file's own path": {
			"CREATE SCHEMA app; CREATE TABLE app.t AS SELECT n AS id, n AS v FROM generate_series(1, 30) AS n; CREATE UNIQUE INDEX ON app.t (id)",
			"SET search_path = app;\n" + batch + "UPDATE t SET v = v + 1 WHERE id BETWEEN $1 AND $2;\n", nil,
		},
		"an empty table":              {"CREATE TABLE t (id int PRIMARY KEY, v int)", batch + "UPDATE t SET v = v + 1 WHERE id BETWEEN $1 AND $2;\n", nil},
		"a table that the file makes": {"SELECT 1", "CREATE TABLE t AS SELECT n AS id, n AS v FROM generate_series(1, 25) AS n;\nCREATE UNIQUE INDEX ON t (id);\n" + batch + "DELETE FROM t WHERE id BETWEEN $1 AND $2;\n", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, want := pgtest.URL(t), pgtest.URL(t)
			pgtest.Exec(t, got, c.before)
			pgtest.Exec(t, want, c.before)
			// Batches that keep their size have the same batch log.
			steady := func(cfg *Config) { cfg.Batch = &BatchOverride{[][2]string{{"target", "1us"}}} }
			if c.change != nil {
				sameByHand(t, got, want, pairs{"1_a.up.sql": c.file}, Up, UpRequest{}, c.change, steady)
			} else {
				sameByHand(t, got, want, pairs{"1_a.up.sql": c.file}, Up, UpRequest{}, steady)
			}
		})
	}
}

// What rung refuses or fails at, a script does not record as applied.
func TestByHandBatchRefused(t *testing.T) {
	t.Parallel()
	const update = "UPDATE t SET v = v + 1 WHERE id BETWEEN $1 AND $2;\n"
	const numbers = "CREATE TABLE t AS SELECT n AS id, n AS v FROM generate_series(1, 1000) AS n; CREATE INDEX ON t (id);"
	for name, c := range map[string]struct{ before, head, statement, want, records string }{
		"NULL":             {numbers + "INSERT INTO t VALUES (NULL)", "", update, "sql/1_a.up.sql:2:1: t has rows without a key: (id) is NULL, so no batch would reach them", "0"},
		"NULL alone":       {"CREATE TABLE t (id int UNIQUE, v int); INSERT INTO t VALUES (NULL)", "", update, "t has rows without a key", "0"},
		"no index":         {"CREATE TABLE t (id int, v int)", "", update, "no index of t has the order of (id)", "0"},
		"no table":         {"SELECT 1", "", update, `relation "t" does not exist`, "0"},
		"no column":        {"CREATE TABLE t (k int PRIMARY KEY)", "", update, `column "id" does not exist`, "0"},
		"an empty table":   {"CREATE TABLE t (id int PRIMARY KEY)", "", update, `column "v" `, "1"},
		"too slow":         {numbers, "SET statement_timeout = '300ms';\n", "UPDATE t SET v = v + 1 FROM (SELECT pg_sleep(0.5)) AS s WHERE id BETWEEN $1 AND $2;\n", "took longer than its statement_timeout", "1"},
		"another takes it": {numbers, "", "WITH u AS (UPDATE rung.steps SET run = 'other') UPDATE t SET v = v + 1 WHERE id BETWEEN $1 AND $2;\n", "another rung has taken over this backfill", "1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := pgtest.URL(t)
			pgtest.Exec(t, url, c.before)
			d := load(t, pairs{"1_a.up.sql": c.head + "-- rung:batch key=t.id rows=500\n" + c.statement})
			out, err := tryByHand(t, url, byHandScript(t, url, d, Up, UpRequest{}))
			if err == nil || !strings.Contains(out, c.want) {
				t.Errorf("%v\n%s", err, out)
			}
			is(t, url, "SELECT count(*) FROM rung.migrations WHERE state = 'applied'", "0")
			is(t, url, "SELECT count(*) FROM rung.migrations", c.records)
		})
	}
}

// A backfill that stopped goes on by hand, also where no batch was committed.
func TestByHandBatchResumed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ ddl, stops string }{
		"in its first batch": {"CREATE TABLE t AS SELECT n AS id, 0 AS v FROM generate_series(1, 25) AS n", "1"},
		"later":              {"CREATE TABLE t AS SELECT n AS id, 0 AS v FROM generate_series(1, 25) AS n", "15"},
		"with a composite key": {
			"CREATE TYPE ty AS (a int, b text); CREATE TABLE t AS SELECT ROW(n, n::text)::ty AS id, 0 AS v FROM generate_series(1, 25) AS n",
			"ROW(15, '15')::ty",
		},
	} {
		for _, by := range []string{"rung", "hand"} {
			t.Run(name+", by "+by, func(t *testing.T) {
				t.Parallel()
				url := pgtest.URL(t)
				pgtest.Exec(t, url, c.ddl+"; ALTER TABLE t ADD UNIQUE (id), ALTER id SET NOT NULL; ALTER TABLE t ADD CONSTRAINT stop CHECK (v = 0 OR id <> "+c.stops+")")
				f := pairs{"1_a.up.sql": "-- rung:batch key=t.id rows=10\nUPDATE t SET v = v + 1 WHERE id BETWEEN $1 AND $2;\n"}
				if by == "rung" {
					_, _ = upFails(t, url, f)
				} else if out, err := tryByHand(t, url, byHandScript(t, url, load(t, f), Up, UpRequest{})); err == nil || !strings.Contains(out, `"stop"`) {
					t.Errorf("%v\n%s", err, out)
				}
				pgtest.Exec(t, url, "ALTER TABLE t DROP CONSTRAINT stop")
				if by == "rung" {
					runByHand(t, url, byHandScript(t, url, load(t, f), Up, UpRequest{}))
				} else {
					up(t, url, f)
				}
				is(t, url, "SELECT min(v), max(v), count(*) FROM t", "1|1|25")
				is(t, url, "SELECT sum(keys), sum(rows) FROM rung.batches", "25|25")
				is(t, url, "SELECT state FROM rung.migrations", "applied")
			})
		}
	}
}

// A backfill over another key than before is refused, as by rung up.
func TestByHandBatchOverAnotherKey(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	pgtest.Exec(t, url, "CREATE TABLE t (id int PRIMARY KEY, v int CHECK (v = 0)); INSERT INTO t VALUES (1, 0); CREATE SCHEMA app; CREATE TABLE app.t (id int PRIMARY KEY, v int)")
	f := pairs{"1_a.up.sql": "-- rung:batch key=t.id\nUPDATE t SET v = v + 1 WHERE id BETWEEN $1 AND $2;\n"}
	_, _ = upFails(t, url, f)
	pgtest.Exec(t, url, "DO $$BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = app', current_database()); END$$")
	_, err := testRunner(t, url, load(t, f)).WriteScript(testContext(t), Up, UpRequest{}, &strings.Builder{})
	if want := "ran over public.t (id), and now its key is app.t (id)"; err == nil || !strings.Contains(err.Error(), want) {
		t.Error(err)
	}
}

// psql puts no variable's value in place of what the file says.
func TestByHandWithoutVariables(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	// Those that psql has at its start, and after a query.
	names := []string{"HOST", "PORT", "DBNAME", "ENCODING", "VERSION_NUM", "AUTOCOMMIT", "ON_ERROR_STOP", "ROW_COUNT", "ERROR", "SQLSTATE"}
	fmt.Fprintf(&b, "CREATE TABLE n AS SELECT 1 AS %s;\n", strings.Join(names, ", 1 AS "))
	b.WriteString("CREATE TABLE a AS SELECT 1 AS id, ARRAY[1, 2, 3] AS a, 0 AS v;\nCREATE UNIQUE INDEX ON a (id);\n")
	for _, name := range names {
		fmt.Fprintf(&b, "INSERT INTO a SELECT id + 1, a[1:%[1]s], (a[%[1]s:2])[1] FROM a, n ORDER BY id DESC LIMIT 1;\n", name)
		fmt.Fprintf(&b, "UPDATE a SET a = a[1:\"%s\"] FROM n;\n", strings.ToLower(name))
	}
	b.WriteString("-- rung:batch key=a.id\nUPDATE a SET a = a[1:HOST] FROM n WHERE id BETWEEN $1 AND $2;\n")
	sameByHand(t, pgtest.URL(t), pgtest.URL(t), pairs{"1_a.up.sql": b.String()}, Up, UpRequest{})
}
