package runner

import (
	"context"
	"database/sql"
	"strings"
	"testing"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"rung/internal/pgtest"
	"rung/internal/script"
	"rung/runner/internal/files"
)

// What the statements below need.
const verbObjects = `
CREATE TABLE t (id int PRIMARY KEY, a text, b int);
CREATE INDEX i ON t (a);
CREATE TABLE parted (id int) PARTITION BY RANGE (id);
CREATE TABLE p1 PARTITION OF parted FOR VALUES FROM (0) TO (10);
CREATE TABLE p2 PARTITION OF parted FOR VALUES FROM (10) TO (20);
CREATE INDEX parted_i ON parted (id);
CREATE TABLE clustered (id int PRIMARY KEY);
CLUSTER clustered USING clustered_pkey;
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE MATERIALIZED VIEW mv AS SELECT 1 AS id;
CREATE UNIQUE INDEX ON mv (id);
CREATE TABLE schema (id int);
CREATE PROCEDURE plain() LANGUAGE plpgsql AS 'BEGIN END';
CREATE PROCEDURE commits() LANGUAGE plpgsql AS 'BEGIN COMMIT; END';
CREATE PUBLICATION pub FOR TABLE t;
CREATE SUBSCRIPTION sub CONNECTION 'dbname=none' PUBLICATION pub, pub0 WITH (connect = false, slot_name = 's');
ALTER SUBSCRIPTION sub ENABLE;
CREATE SUBSCRIPTION slotless CONNECTION 'dbname=none' PUBLICATION pub WITH (connect = false, slot_name = NONE);
CREATE ROLE verbs_role;
`

// These the server refuses inside a transaction, so rung runs them outside.
var refusedInside = []string{
	"CREATE INDEX CONCURRENTLY j ON t (b)",
	"create unique index concurrently if not exists j on t (b)",
	"CREATE INDEX CONCURRENTLY ON t (b)",
	"CREATE /* c */ INDEX -- d\n CONCURRENTLY j ON ONLY t USING btree (b) WHERE b > 0",
	"DROP INDEX CONCURRENTLY i",
	"DROP INDEX CONCURRENTLY IF EXISTS nix",
	"REINDEX TABLE CONCURRENTLY t",
	"REINDEX INDEX CONCURRENTLY i",
	"REINDEX (CONCURRENTLY) TABLE t",
	"REINDEX (VERBOSE, CONCURRENTLY true) INDEX i",
	"REINDEX (VERBOSE) TABLE CONCURRENTLY t",
	"REINDEX SCHEMA public",
	"REINDEX (VERBOSE) SCHEMA CONCURRENTLY public",
	"REINDEX DATABASE nix",
	"REINDEX SYSTEM nix",
	"VACUUM",
	"VACUUM t",
	"VACUUM (ANALYZE, VERBOSE) t",
	"VACUUM FULL t",
	"CLUSTER",
	"CLUSTER VERBOSE",
	"CLUSTER (VERBOSE)", // from 17 on
	"ALTER SYSTEM SET work_mem = '8MB'",
	"ALTER SYSTEM RESET ALL",
	"CREATE DATABASE d",
	"CREATE DATABASE d WITH TEMPLATE template0 ENCODING 'UTF8'",
	"DROP DATABASE d",
	"DROP DATABASE IF EXISTS d WITH (FORCE)",
	"ALTER DATABASE d SET TABLESPACE pg_default",
	"CREATE TABLESPACE ts LOCATION '/nowhere'",
	"DROP TABLESPACE ts",
	"ALTER TABLE parted DETACH PARTITION p1 CONCURRENTLY",
	"ALTER TABLE IF EXISTS parted DETACH PARTITION p1 CONCURRENTLY",
	"CREATE SUBSCRIPTION s2 CONNECTION 'dbname=none' PUBLICATION pub",
	"ALTER SUBSCRIPTION sub REFRESH PUBLICATION",
	"ALTER SUBSCRIPTION sub SET PUBLICATION pub, pub2",
	"ALTER SUBSCRIPTION sub ADD PUBLICATION pub2",
	"ALTER SUBSCRIPTION sub DROP PUBLICATION pub",
	"DROP SUBSCRIPTION sub",
	"COMMIT PREPARED 'x'",
	"ROLLBACK PREPARED 'x'",
	"DISCARD ALL",
}

// These the server takes inside a transaction, so rung runs them there.
var takenInside = []string{
	"CREATE INDEX j ON t (b)",
	"CREATE INDEX concurrently_i ON t (b)",
	`CREATE INDEX "concurrently" ON t (b)`,
	"CREATE INDEX ON ONLY parted (id)",
	"DROP INDEX i",
	`DROP INDEX IF EXISTS "concurrently"`,
	"REINDEX TABLE t",
	"REINDEX INDEX i",
	"REINDEX (VERBOSE) TABLE t",
	"REINDEX (CONCURRENTLY false) TABLE t",
	"REINDEX (TABLESPACE pg_default) INDEX i",
	"REINDEX TABLE schema",
	"ANALYZE",
	"ANALYZE VERBOSE t (a)",
	"CLUSTER t USING i",
	"CLUSTER clustered",
	"CLUSTER VERBOSE clustered",
	"ALTER TYPE mood ADD VALUE 'happy'",
	"ALTER TYPE mood ADD VALUE IF NOT EXISTS 'happy' BEFORE 'ok'",
	"ALTER TYPE mood RENAME VALUE 'ok' TO 'fine'",
	"REFRESH MATERIALIZED VIEW mv",
	"REFRESH MATERIALIZED VIEW CONCURRENTLY mv",
	"TRUNCATE t",
	"LOCK TABLE t IN ACCESS EXCLUSIVE MODE",
	"ALTER TABLE parted DETACH PARTITION p1",
	`ALTER TABLE t ADD COLUMN "CONCURRENTLY" int, DROP COLUMN b`,
	"ALTER TABLE t SET TABLESPACE pg_default",
	"ALTER TABLE t SET (fillfactor = 70)",
	"ALTER TABLE t REPLICA IDENTITY FULL",
	"ALTER DATABASE template1 SET work_mem = '8MB'",
	"ALTER DATABASE template1 RENAME TO template2",
	"ALTER ROLE verbs_role SET search_path = app",
	"CREATE ROLE another_role",
	"DROP ROLE verbs_role",
	"GRANT verbs_role TO postgres",
	"CREATE SCHEMA system",
	"CREATE PUBLICATION pub2 FOR ALL TABLES",
	"ALTER PUBLICATION pub SET TABLE parted",
	"ALTER SUBSCRIPTION sub DISABLE",
	"ALTER SUBSCRIPTION sub CONNECTION 'dbname=other'",
	"ALTER SUBSCRIPTION sub RENAME TO refresh",
	"ALTER TABLESPACE pg_default SET (seq_page_cost = 1)",
	"CREATE EXTENSION IF NOT EXISTS plpgsql",
	"COMMENT ON DATABASE template1 IS 'c'",
	"CHECKPOINT",
	"LISTEN c",
	"NOTIFY c, 'x'",
	"UNLISTEN *",
	"DISCARD PLANS",
	"DISCARD TEMP",
	"DISCARD SEQUENCES",
	"DEALLOCATE ALL",
	"CLOSE ALL",
	"RESET ALL",
	"SET SESSION AUTHORIZATION verbs_role",
	"PREPARE q AS SELECT 1",
	"DECLARE c CURSOR FOR SELECT 1",
	"LOAD 'plpgsql'",
	"SELECT pg_switch_wal()",
	"SELECT pg_logical_emit_message(true, 'a', 'b')",
	"CALL plain()",
	"DO 'BEGIN PERFORM 1; END'",
	"IMPORT FOREIGN SCHEMA vacuum FROM SERVER nix INTO public",
}

// The server is the judge of both lists: a statement that it refuses inside a
// transaction must be known, and no other may be taken for one.
func TestVerbsAgainstServer(t *testing.T) {
	t.Parallel()
	url := pgtest.Server(t).URL("")
	pgtest.Exec(t, url, verbObjects)
	db, err := sql.Open("postgres", url)
	must(t, err)
	defer db.Close()
	inside := func(stmt string) error {
		tx, err := db.BeginTx(context.Background(), nil)
		must(t, err)
		defer tx.Rollback()
		_, err = tx.Exec(stmt)
		return err
	}
	for _, stmt := range refusedInside {
		if err := inside(stmt); pq.As(err, pqerror.ActiveSQLTransaction) == nil && pq.As(err, pqerror.SyntaxError) == nil {
			t.Errorf("%s: the server says %v", stmt, err)
		}
		if files.OutsideVerb(one(t, stmt)) == "" {
			t.Errorf("%s: not known", stmt)
		}
	}
	for _, stmt := range takenInside {
		if err := inside(stmt); pq.As(err, pqerror.ActiveSQLTransaction, pqerror.InvalidTransactionTermination) != nil {
			t.Errorf("%s: the server says %v", stmt, err)
		} else if err != nil && !strings.Contains(stmt, "nix") && pq.As(err, pqerror.ObjectNotInPrerequisiteState) == nil {
			t.Errorf("%s: %v", stmt, err)
		}
		if verb := files.OutsideVerb(one(t, stmt)); verb != "" {
			t.Errorf("%s: taken for %s", stmt, verb)
		}
	}
}

// What only sometimes is refused runs inside, unless the file is stepwise.
func TestMayBeRefused(t *testing.T) {
	t.Parallel()
	url := pgtest.Server(t).URL("")
	pgtest.Exec(t, url, verbObjects)
	for _, stmt := range []string{
		"CLUSTER parted USING parted_i", // from 15 on; 14 cannot at all
		"REINDEX TABLE parted",
		"REINDEX INDEX parted_i",
		"CALL commits()",
		"DO $$BEGIN COMMIT; END$$",
		"DO $$BEGIN ROLLBACK AND CHAIN; END$$",
	} {
		st := one(t, stmt)
		if verb := files.OutsideVerb(st); verb != "" {
			t.Errorf("%s: taken for %s", stmt, verb)
		}
		if files.MayBeRefused(st) == "" {
			t.Errorf("%s: not known", stmt)
		}
		_, err := upFails(t, url, pairs{"1_a.up.sql": stmt})
		if pq.As(err, pqerror.ActiveSQLTransaction, pqerror.InvalidTransactionTermination) == nil && !strings.HasPrefix(stmt, "CLUSTER") {
			t.Errorf("%s: %v", stmt, err)
		}
		if strings.HasPrefix(stmt, "CLUSTER") && pgtest.Major(t, url) < 15 {
			continue
		}
		up(t, pgtest.Database(t, url), pairs{"1_a.up.sql": "-- rung:no-transaction\n" + verbObjectsOf(stmt) + stmt})
	}
	for _, stmt := range []string{
		"DO $$BEGIN CREATE TEMP TABLE x ON COMMIT DROP AS SELECT 1 AS committed; END$$",
		"DO 'BEGIN UPDATE t SET rollback_at = NULL; END'",
		"SELECT 'CALL'",
	} {
		if verb := files.MayBeRefused(one(t, stmt)); verb != "" {
			t.Errorf("%s: taken for %s", stmt, verb)
		}
	}
}

// verbObjectsOf are the few objects that a statement of TestMayBeRefused needs.
func verbObjectsOf(stmt string) string {
	if strings.HasPrefix(stmt, "DO") {
		return ""
	}
	return "CREATE TABLE parted (id int) PARTITION BY RANGE (id);\nCREATE INDEX parted_i ON parted (id);\n" +
		"CREATE PROCEDURE commits() LANGUAGE plpgsql AS 'BEGIN COMMIT; END';\n"
}

func TestKindOfTransaction(t *testing.T) {
	t.Parallel()
	for sql, want := range map[string]int{
		"BEGIN; SELECT 1; COMMIT":                                -1,
		"begin work; select 1; end":                              -1,
		"START TRANSACTION; SELECT 1; COMMIT":                    -1,
		"SET transaction_timeout = '1s'; SET work_mem = 100":     -1,
		"SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY":   -1,
		"BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT 1; COMMIT":   0,
		"BEGIN TRANSACTION READ ONLY; SELECT 1; COMMIT":          0,
		"start transaction deferrable; SELECT 1; COMMIT":         0,
		"SELECT 1; set transaction isolation level serializable": 1,
		"SELECT 1; SET LOCAL TRANSACTION READ ONLY":              1,
		"SELECT 1; SET transaction_isolation TO 'serializable'":  1,
	} {
		s := load(t, pairs{"1_a.up.sql": sql}).Migrations[0].Up
		if i, ok := s.KindOfTransaction(); i != want || ok != (want >= 0) {
			t.Errorf("%s: %d, %t, want %d", sql, i, ok, want)
		}
	}
}

// one is the only statement of a text.
func one(t *testing.T, text string) *script.Statement {
	t.Helper()
	f, err := script.Split(strings.NewReader(text))
	must(t, err)
	if len(f.Statements) != 1 || len(f.Problems) > 0 {
		t.Fatalf("%q: %d statements, %v", text, len(f.Statements), f.Problems)
	}
	return &f.Statements[0]
}
