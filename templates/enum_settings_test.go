package templates

import (
	"strings"
	"testing"

	"rung/internal/pgtest"
)

// What columns, statistics, keys and views are set to, which neither ALTER
// TABLE nor a definition brings back.
func TestEnumSwapSettings(t *testing.T) {
	url := pgtest.URL(t)
	pgtest.Exec(t, url, `
CREATE TYPE st AS ENUM ('todo', 'cancelled', 'done'); CREATE ROLE su SUPERUSER; CREATE ROLE reads;
CREATE TABLE tasks (id int PRIMARY KEY, s st, u int, l st[] COMPRESSION pglz, g text GENERATED ALWAYS AS (CASE s WHEN 'done' THEN 'x' END) STORED);
ALTER TABLE tasks ALTER l SET STORAGE EXTERNAL, ALTER g SET STORAGE EXTERNAL, ALTER g SET COMPRESSION pglz, ALTER g SET STATISTICS 7, ALTER g SET (n_distinct = 5), ALTER s SET STATISTICS 9, ALTER s SET (n_distinct = 3);
COMMENT ON COLUMN tasks.g IS 'computed'; GRANT SELECT (g) ON tasks TO reads;
CREATE STATISTICS x ON s, u FROM tasks; ALTER STATISTICS x SET STATISTICS 321; ALTER STATISTICS x OWNER TO su;
CREATE TABLE p (id int, s st, l st[], g text GENERATED ALWAYS AS (CASE s WHEN 'done' THEN 'x' END) STORED) PARTITION BY LIST (id);
CREATE TABLE p1 PARTITION OF p DEFAULT; CREATE TABLE p2 PARTITION OF p FOR VALUES IN (2); CREATE TABLE p3 PARTITION OF p FOR VALUES IN (3);
ALTER TABLE ONLY p ALTER l SET STORAGE MAIN; ALTER TABLE p1 ALTER l SET STORAGE EXTERNAL, ALTER l SET COMPRESSION pglz, ALTER g SET STORAGE MAIN, ALTER g SET STATISTICS 8; ALTER TABLE p3 ALTER l SET STORAGE MAIN;
COMMENT ON COLUMN p1.g IS 'here'; GRANT SELECT (g) ON p1 TO reads;
CREATE TABLE keyed (s st, n int, g int GENERATED ALWAYS AS (CASE s WHEN 'done' THEN 1 ELSE 2 END) STORED PRIMARY KEY WITH (fillfactor = 60), EXCLUDE USING btree (n WITH =) WITH (fillfactor = 50) WHERE (s = 'done'));
CREATE MATERIALIZED VIEW m WITH (fillfactor = 80, toast.autovacuum_enabled = false) AS SELECT s, l, u FROM tasks;
ALTER MATERIALIZED VIEW m ALTER l SET STORAGE EXTERNAL, ALTER l SET COMPRESSION pglz, ALTER u SET STATISTICS 11, ALTER u SET (n_distinct = 4)`)
	t.Cleanup(func() { pgtest.Exec(t, url, "DROP OWNED BY su, reads; DROP ROLE su, reads") })
	before := setOn(t, url)
	files := mustExpand(t, url, "enum-swap", set{"type": "st", "values": "done,cancelled,todo"})
	for _, f := range files {
		if strings.Contains(f.Up+f.Down, "pg_attver") {
			t.Errorf("the server's own setting is in the files:\n%s\n%s", f.Up, f.Down)
		}
	}
	dump := pgtest.Dump(t, url)
	mustUp(t, url, files)
	sameDump(t, "settings after up", before, setOn(t, url))
	mustDown(t, url, files)
	sameDump(t, "down", dump, pgtest.Dump(t, url))
}

// setOn is what pg_dump does not say, or says among other things.
func setOn(t *testing.T, url string) (all string) {
	for _, line := range pgtest.QueryStrings(t, url, `
SELECT attrelid::regclass || '.' || attname, attstattarget, attstorage, attcompression, (SELECT string_agg(o, ', ') FROM unnest(attoptions) AS o WHERE o !~ '^pg_'), attacl, col_description(attrelid, attnum)
  FROM pg_attribute WHERE attnum > 0 AND NOT attisdropped AND attrelid::regclass::text IN ('tasks', 'p', 'p1', 'p2', 'p3', 'm') ORDER BY 1`) {
		all += line + "\n"
	}
	return all
}

// The new type has the rights of the old one, and none that new types get.
func TestEnumSwapTypesDefaultPrivileges(t *testing.T) {
	for what, setup := range map[string]string{
		"revoked":         "CREATE TYPE st AS ENUM ('a', 'b'); ALTER DEFAULT PRIVILEGES REVOKE USAGE ON TYPES FROM PUBLIC",
		"granted":         "CREATE TYPE st AS ENUM ('a', 'b'); ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON TYPES TO usual",
		"revoked before":  "ALTER DEFAULT PRIVILEGES REVOKE USAGE ON TYPES FROM PUBLIC; CREATE TYPE st AS ENUM ('a', 'b')",
		"granted before":  "ALTER DEFAULT PRIVILEGES GRANT USAGE ON TYPES TO usual; CREATE TYPE st AS ENUM ('a', 'b')",
		"owned by others": "CREATE TYPE st AS ENUM ('a', 'b'); ALTER TYPE st OWNER TO usual; GRANT USAGE ON TYPE st TO other WITH GRANT OPTION; ALTER DEFAULT PRIVILEGES GRANT USAGE ON TYPES TO usual",
	} {
		t.Run(what, func(t *testing.T) {
			url := pgtest.URL(t)
			t.Cleanup(func() {
				pgtest.Exec(t, url, "DROP OWNED BY usual, other CASCADE; ALTER DEFAULT PRIVILEGES GRANT USAGE ON TYPES TO PUBLIC; DROP ROLE usual, other")
			})
			pgtest.Exec(t, url, "CREATE ROLE usual; CREATE ROLE other; "+setup+"; CREATE TABLE t (s st)")
			swapped(t, url, set{"type": "st", "values": "b,a"})
		})
	}
}
