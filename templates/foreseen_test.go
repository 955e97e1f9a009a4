package templates

import (
	"strings"
	"testing"

	"rung/internal/pgtest"
)

// says expects a template's report to hold all of this.
func (r *rig) says(template string, p map[string]string, want ...string) {
	r.Helper()
	_, in, err := r.expand(template, p)
	if err != nil {
		r.Fatal(err)
	}
	for _, w := range want {
		if got := strings.Join(in.Report, "\n"); !strings.Contains(got, w) {
			r.Errorf("%s: the report does not say %q:\n%s", template, w, got)
		}
	}
}

// A text that is cast to the type is a value that no rename reaches.
func TestEnumChangesSeeCastsOfTexts(t *testing.T) {
	t.Parallel()
	r := newRig(t, `CREATE TYPE st AS ENUM ('a', 'b'); CREATE TABLE k (id int PRIMARY KEY, kind text, CONSTRAINT known CHECK (kind::st = 'a')); CREATE TABLE t (id int PRIMARY KEY, s st);
CREATE VIEW seen AS SELECT id FROM k WHERE kind::st = 'a'; CREATE VIEW other AS SELECT id FROM t WHERE s = 'a'`)
	rename := params("type=st", "map=a=x")
	for _, template := range []string{"enum-rename", "enum-swap", "enum-online"} {
		r.refused(template, rename, "constraint known on table public.k casts a text to st: rows that have 'a' there")
	}
	r.exec("ALTER TABLE k DROP CONSTRAINT known")
	r.says("enum-rename", rename, "cast texts to st, and fail at a row that has 'a' as a text; change those rows in the same release: view public.seen")
}

// What compares with a value that no row has any more finds nothing, and fails nowhere.
func TestEnumRetireNamesWhatComparesWithTheValue(t *testing.T) {
	t.Parallel()
	r := newRig(t, `CREATE TYPE st AS ENUM ('a', 'b', 'c'); CREATE TABLE t (id int PRIMARY KEY, s st); CREATE INDEX waits ON t (id) WHERE s = 'a'; CREATE INDEX others ON t (id) WHERE s = 'b';
CREATE VIEW open_v AS SELECT id FROM t WHERE s IN ('a', 'c'); CREATE MATERIALIZED VIEW open_m AS SELECT id FROM t WHERE s = ANY ('{a,b}'); CREATE VIEW closed AS SELECT id FROM t WHERE s = 'b';
CREATE FUNCTION open_f() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM t WHERE s = 'a'; END`)
	r.says("enum-retire", params("type=st", "map=a=b"),
		"these name 'a', find no row by it any more once the batches have run, and are not changed", "enum-online or enum-swap, which do: function public.open_f(); index public.waits; materialized view public.open_m; view public.open_v")
}

// A key of any length tells the rows apart whose values become one.
func TestEnumMergesKeepRowsByAnyKey(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	pgtest.Exec(t, url, `CREATE TYPE st AS ENUM ('a', 'b', 'c');
CREATE TABLE three (a int, b int, c int, s st, PRIMARY KEY (a, b, c)); INSERT INTO three SELECT g % 3, g % 5, g, (ARRAY['a', 'b', 'c'])[g % 3 + 1]::st FROM generate_series(1, 30) AS g;
CREATE TABLE uniq (x int NOT NULL, y int NOT NULL, z text NOT NULL, s st, UNIQUE (x, y, z)); INSERT INTO uniq SELECT g, g, g, (ARRAY['a', 'b', 'c'])[g % 3 + 1]::st FROM generate_series(1, 30) AS g;
CREATE TABLE beside (s st, id int NOT NULL UNIQUE, PRIMARY KEY (s, id)); INSERT INTO beside VALUES ('a', 1), ('b', 2), ('c', 3)`)
	before := pgtest.Dump(t, url)
	files := mustExpand(t, url, "enum-swap", set{"type": "st", "map": "a=b"})
	mustUp(t, url, files)
	mustDown(t, url, files)
	sameDump(t, "down", before, pgtest.Dump(t, url))
}

// A view of another owner would stop the file in its middle.
func TestEnumSwapOwnsAllThatItTouches(t *testing.T) {
	url := pgtest.URL(t)
	pgtest.Exec(t, url, `CREATE ROLE hands LOGIN; GRANT ALL ON SCHEMA public TO hands; CREATE TYPE st AS ENUM ('a', 'b'); CREATE TABLE t (id int PRIMARY KEY, s st);
CREATE VIEW v AS SELECT s FROM t; ALTER TYPE st OWNER TO hands; ALTER TABLE t OWNER TO hands`)
	t.Cleanup(func() {
		pgtest.Exec(t, url, "REASSIGN OWNED BY hands TO postgres; DROP OWNED BY hands; DROP ROLE hands")
	})
	for _, template := range []string{"enum-swap", "enum-online", "enum-to-text"} {
		p := set{"type": "st", "values": "b,a"}
		if template == "enum-to-text" {
			delete(p, "values")
		}
		wantRefusal(t, pgtest.AsUser(t, url, "hands"), template, p, "does not own public.v (its owner is postgres)", "--role")
	}
}

// Triggers and publications are a table's own, and a person must hear of them.
func TestReportsNameTriggersAndPublications(t *testing.T) {
	t.Parallel()
	r := newRig(t, `CREATE TYPE st AS ENUM ('a', 'b'); CREATE TABLE t (id int PRIMARY KEY, s st, n text, doc jsonb, deleted_at timestamptz); CREATE PUBLICATION p FOR TABLE t;
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE TRIGGER touch BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f()`)
	const fires, carries = "filling the rows fires triggers of the table, for each row that is changed: touch of public.t", "publication p carries it"
	r.says("backfill", params("table=t", "column=n", "value='x'"), fires)
	r.says("add-column", params("table=t", "column=c", "type=text", "value=lower(n)"), fires, carries)
	r.says("change-type", params("table=t", "column=n", "type=varchar(9)"), fires, carries)
	r.says("json-split", params("table=t", "column=doc", "keys=k int"), fires, carries)
	r.says("json-rename-key", params("table=t", "column=doc", "path=a", "to=b"), fires)
	r.says("soft-delete", params("table=t"), fires, carries)
	r.says("soft-delete", params("table=t", "way=direct"), fires, carries)
	r.says("enum-rename", params("type=st", "map=a=x"), carries)
	r.says("enum-swap", params("type=st", "values=b,a"), carries, "fail at every call after it")
	for template, p := range map[string]map[string]string{
		"backfill":        params("table=t", "column=n", "value='x'", "way=direct"),
		"json-rename-key": params("table=t", "column=doc", "path=a", "to=b", "way=direct"),
		"list-to-table":   params("table=t", "column=n", "to=tags", "way=direct"),
	} {
		_, in, err := r.expand(template, p)
		if got := strings.Join(in.Report, "\n"); err != nil || strings.Contains(got, carries) {
			t.Errorf("%s changes rows alone, which a subscriber takes: %v\n%s", template, err, got)
		}
	}
}

// A dot goes into an object; in quotes it is part of a key.
func TestJSONSplitTakesPaths(t *testing.T) {
	t.Parallel()
	r := newRig(t, `CREATE TABLE t (id int PRIMARY KEY, doc jsonb); INSERT INTO t VALUES (1, '{"mail": {"on": true, "x": 1}, "a.b": 5}'), (2, '{"mail": {}, "a": {"b": 7}}'), (3, NULL), (4, '{}')`)
	r.add("json-split", params("table=t", "column=doc", `keys=mail.on AS "on" boolean, "a.b" AS ab int`))
	r.roundTrips()
	r.rows(`SELECT id, "on", ab FROM t ORDER BY id`, "1|true|5", "2||", "3||", "4||")
	r.exec(`UPDATE t SET "on" = false WHERE id IN (1, 4); UPDATE t SET "on" = NULL, ab = 9 WHERE id = 2`)
	r.down(1)
	r.rows("SELECT id, doc FROM t ORDER BY id", `1|{"a.b": 5, "mail": {"x": 1, "on": false}}`, `2|{"a": {"b": 7}, "a.b": 9, "mail": {}}`, "3|", `4|{"mail": {"on": false}}`)
	r.refused("json-split", params("table=t", "column=doc", "keys=mail..on boolean"), "is no path to a key")
}

// Programs write the table that is referred to first and then the other; none of them
// may fail of a deadlock.
func TestAddForeignKeyUnderLoad(t *testing.T) {
	t.Parallel()
	r := newRig(t, orders+`CREATE SEQUENCE ids START 100000; 
CREATE FUNCTION buys() RETURNS void LANGUAGE plpgsql AS $$ BEGIN UPDATE users SET email = email WHERE id = 1 + (random() * 18)::int; PERFORM pg_sleep(0.01); INSERT INTO orders (id, user_id) VALUES (nextval('ids'), 1 + (random() * 18)::int); END $$`)
	r.add("add-foreign-key", params("table=orders", "columns=user_id", "references=users"))
	l := startLoad(t, r.url, 10, "SELECT buys() WHERE $1 > 0")
	r.up(0)
	r.down(1)
	l.finish()
}

// Two tables in both orders, all the time: the lock on both may not be had, and no
// program may fail for that.
func TestEnumSwapUnderLoadOfBothOrders(t *testing.T) {
	t.Parallel()
	r := newRig(t, `CREATE TYPE st AS ENUM ('a', 'b'); CREATE TABLE t (id int PRIMARY KEY, s st, n int); CREATE TABLE u (id int PRIMARY KEY, s st, n int); INSERT INTO t VALUES (1, 'a'), (2, 'b'); INSERT INTO u VALUES (3, 'a'), (4, 'b');
CREATE VIEW joined AS SELECT u.s FROM u JOIN t ON t.id < u.id WHERE t.s = 'a';
CREATE FUNCTION tu() RETURNS void LANGUAGE plpgsql AS $$ BEGIN PERFORM FROM t; PERFORM pg_sleep(0.01); PERFORM FROM u; END $$;
CREATE FUNCTION ut() RETURNS void LANGUAGE plpgsql AS $$ BEGIN PERFORM FROM u; PERFORM pg_sleep(0.01); PERFORM FROM t; END $$`)
	r.add("enum-swap", params("type=st", "values=b,a"))
	l := startLoad(t, r.url, 10, "SELECT tu() WHERE $1 > 0", "SELECT ut() WHERE $1 > 0", "SELECT count(*) FROM joined WHERE $1 > 0")
	if err := r.tryUp(0); err != nil {
		t.Log(err)
	}
	l.finish()
}

// What a person gives for both ways is looked at like a cast: what does not come back
// as it was is counted.
func TestChangeTypeCountsWhatDoesNotComeBack(t *testing.T) {
	t.Parallel()
	r := newRig(t, `CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t SELECT g, g FROM generate_series(1, 10) AS g`)
	r.add("change-type", params("table=t", "column=n", "type=bigint", "value=n / 3", "back=(n * 3)::int"))
	const way = "(SELECT (n * 3)::int FROM (SELECT id, (n / 3)::bigint AS n) AS t)"
	if !strings.Contains(r.text(), way) {
		t.Error(r.text())
	}
	r.rows("SELECT count(*) FROM t WHERE "+way+" IS DISTINCT FROM n", "7")
	r.up(0)
	r.down(r.next)
}
