package templates

import (
	"fmt"
	"strings"
	"testing"

	"rung/internal/pgtest"
)

// everyDependent has one of each kind on items.name and items.n.
const everyDependent = `CREATE TABLE items (id int PRIMARY KEY, name varchar(20) COLLATE "C" NOT NULL DEFAULT 'x' CONSTRAINT short CHECK (length(name) < 15), n int, UNIQUE (name, id));
COMMENT ON CONSTRAINT short ON items IS 'keeps labels small';
CREATE INDEX items_name ON items (name);
INSERT INTO items SELECT g, 'n' || g, g FROM generate_series(1, 300) AS g;
CREATE VIEW seen AS SELECT id, name FROM items WHERE name <> 'n7'; GRANT SELECT ON seen TO PUBLIC; COMMENT ON COLUMN seen.name IS 'theirs';
CREATE VIEW seen_again AS SELECT upper(name) AS name FROM seen;
ALTER TABLE items ENABLE ROW LEVEL SECURITY; CREATE POLICY open ON items USING (name <> 'secret');
CREATE FUNCTION noop() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER noted BEFORE UPDATE OF name ON items FOR EACH ROW WHEN (old.name IS DISTINCT FROM new.name) EXECUTE FUNCTION noop();
CREATE STATISTICS items_stat ON name, n FROM items;
ALTER TABLE items REPLICA IDENTITY FULL; CREATE PUBLICATION pub FOR TABLE items WHERE (name <> 'hidden');`

// chooser is a rig whose templates choose their way.
func chooser(t *testing.T, setup string) *rig {
	r := newRig(t, setup)
	r.chooses = true
	return r
}

// What PostgreSQL changes without a look at a row is one pair, whatever hangs on the
// column, and comes back as it was.
func TestChangeTypeForNothing(t *testing.T) {
	t.Parallel()
	r := chooser(t, everyDependent)
	before := r.dump()
	for _, typ := range []string{"varchar(30)", "text", "varchar"} {
		files := r.add("change-type", params("table=items", "column=name", "type="+typ))
		if len(files) != 1 || !strings.Contains(files[0].Up, "No row is read or written") {
			t.Fatalf("%s:\n%s", typ, r.text())
		}
		node := pgtest.QueryString(t, r.url, "SELECT pg_relation_filenode('items')")
		r.eachRung(1)
		if now := pgtest.QueryString(t, r.url, "SELECT pg_relation_filenode('items')"); now == node && typ != "varchar" {
			t.Errorf("%s: the down migration has not rewritten the table, so this proves nothing", typ)
		}
		r.rows("SELECT collname FROM pg_attribute JOIN pg_collation AS c ON c.oid = attcollation WHERE attrelid = 'items'::regclass AND attname = 'name'", "C")
		r.rows("SELECT convalidated FROM pg_constraint WHERE conname = 'short'", "true")
		r.down(1)
		r.same(typ, before)
		r.only(0)
	}
}

// The file itself refuses to rewrite: here the table is another one by then.
func TestChangeTypeProvesThatNothingIsRewritten(t *testing.T) {
	t.Parallel()
	r := chooser(t, "CREATE TABLE t (id int PRIMARY KEY, n varchar(20)); INSERT INTO t VALUES (1, 'a')")
	r.add("change-type", params("table=t", "column=n", "type=varchar(30)"))
	r.exec("ALTER TABLE t ALTER COLUMN n TYPE varchar(90)")
	before := r.dump()
	if err := r.tryUp(0); err == nil || !strings.Contains(err.Error(), "this would rewrite the table") {
		t.Fatal(err)
	}
	r.same("after the refusal", before)
}

// What does not fit the old type any more is named, and nothing is lost.
func TestChangeTypeForNothingNamesWhatDoesNotComeBack(t *testing.T) {
	t.Parallel()
	r := chooser(t, "CREATE TABLE t (id int PRIMARY KEY, n varchar(5)); INSERT INTO t VALUES (1, 'a')")
	r.add("change-type", params("table=t", "column=n", "type=text"))
	r.up(0)
	r.exec("INSERT INTO t VALUES (2, 'longer than five')")
	err := r.tryDown(1)
	if err == nil || !strings.Contains(err.Error(), "1 values of t.n do not become character varying(5) again") {
		t.Fatal(err)
	}
	r.exec("DELETE FROM t WHERE id = 2")
	r.down(1)
}

// A row must be looked at: the table is rewritten, or an index built again.
func TestChangeTypeChoosesByWhatTheServerDoes(t *testing.T) {
	t.Parallel()
	r := chooser(t, `CREATE DOMAIN plain AS text; CREATE DOMAIN checked AS text CHECK (value <> 'x');
CREATE TABLE t (id int PRIMARY KEY, v varchar(10), n numeric(10,2), i int, ts timestamp(3), p varchar(10), b varbit(8), tx text, tsz timestamp);
CREATE INDEX ON t (id) WHERE p IS NOT NULL`)
	for change, free := range map[string]bool{
		"v varchar(20)": true, "v text": true, "v plain": true, "v varchar(5)": false, "v checked": false, "v char(10)": false,
		"n numeric(12,2)": true, "n numeric": true, "n numeric(12,4)": false, "i bigint": false, "i int": true,
		"ts timestamp(6)": true, "p varchar(20)": false, "b varbit(16)": true, "tx varchar": true, "tx varchar(9)": false, "tx uuid": false,
	} {
		column, typ, _ := strings.Cut(change, " ")
		files, in, err := r.expand("change-type", params("table=t", "column="+column, "type="+typ))
		if err != nil {
			t.Fatalf("%s: %v", change, err)
		}
		if said := strings.Contains(strings.Join(in.Report, "\n"), "without a look at a row"); len(files) != 1 || said != free {
			t.Errorf("%s: for nothing: %t, not %t\n%s", change, said, free, strings.Join(in.Report, "\n"))
		}
	}
	for zone, free := range map[string]bool{"UTC": true, "Europe/Berlin": false} {
		_, in, err := r.expand("change-type", params("table=t", "column=tsz", "type=timestamptz", "zone="+zone))
		if err != nil || strings.Contains(strings.Join(in.Report, "\n"), "without a look at a row") != free {
			t.Errorf("%s: %v: %s", zone, err, in.Report)
		}
	}
}

// A small table is rewritten in one transaction, with all that hangs on the column.
func TestChangeTypeOfASmallTable(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ setup, column, typ, value, back string }{
		{everyDependent, "name", "varchar(12)", "", ""},
		{everyDependent, "name", "char(14)", "", ""},
		{everyDependent + "ALTER TABLE items ADD twice int GENERATED ALWAYS AS (n * 2) STORED; CREATE INDEX ON items (twice); CREATE MATERIALIZED VIEW sums AS SELECT n % 3 AS k, sum(n) FROM items GROUP BY 1", "n", "bigint", "", ""},
		{"CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL DEFAULT 7); INSERT INTO t SELECT g FROM generate_series(1, 20) AS g", "n", "text", "", ""},
		{"CREATE TABLE t (id int PRIMARY KEY, n text DEFAULT '7' CHECK (n <> '')); INSERT INTO t SELECT g, g FROM generate_series(1, 20) AS g; ALTER TABLE t DROP CONSTRAINT t_n_check", "n", "int", "", ""},
		{"CREATE TABLE t (id int PRIMARY KEY, n numeric(10,4)); INSERT INTO t VALUES (1, 1.2345), (2, 2), (3, NULL)", "n", "numeric(10,1)", "", ""},
		{"CREATE TABLE t (id int PRIMARY KEY, n numeric(10,2)); INSERT INTO t VALUES (1, 1.25), (2, 2)", "n", "bigint", "n * 100", "n / 100.0"},
		{"CREATE TABLE t (id int PRIMARY KEY, n json); INSERT INTO t VALUES (1, '{\"a\": 1,  \"a\": 2}'), (2, '1')", "n", "jsonb", "", ""},
		{"CREATE TABLE t (id int PRIMARY KEY, n timestamp DEFAULT now()); INSERT INTO t VALUES (1, '2026-10-25 02:30'), (2, '2026-03-29 02:30')", "n", "timestamptz", "n AT TIME ZONE 'Europe/Berlin'", "n AT TIME ZONE 'Europe/Berlin'"},
		{"CREATE TABLE t (id int, n int) PARTITION BY RANGE (id); CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (50); CREATE INDEX ON t (n); INSERT INTO t SELECT g, g FROM generate_series(1, 40) AS g", "n", "bigint", "", ""},
	} {
		t.Run(c.column+" "+c.typ, func(t *testing.T) {
			r := chooser(t, c.setup)
			table := "t"
			if strings.HasPrefix(c.setup, everyDependent) {
				table = "items"
			}
			p := params("table="+table, "column="+c.column, "type="+c.typ)
			if c.value != "" {
				p["value"], p["back"] = c.value, c.back
			}
			if c.typ == "timestamptz" {
				p["default"] = "now()"
			}
			if files := r.add("change-type", p); len(files) != 1 || !strings.Contains(strings.ReplaceAll(files[0].Up, "\n-- ", " "), " wait until all of this has committed: ") {
				t.Fatalf("%s", r.text())
			}
			r.goesAndReturns()
		})
	}
}

// Values that the old type cannot have again are there for the down migration, but for
// those that were changed meanwhile.
func TestChangeTypeDirectKeepsWhatWouldBeLost(t *testing.T) {
	t.Parallel()
	r := chooser(t, "CREATE TABLE t (id int PRIMARY KEY, n numeric(10,4)); INSERT INTO t VALUES (1, 1.2345), (2, 2.5678), (3, 3)")
	r.add("change-type", params("table=t", "column=n", "type=numeric(10,1)"))
	r.up(0)
	r.rows("SELECT id, was FROM t_n_kept ORDER BY id", "1|1.2345", "2|2.5678")
	r.exec("UPDATE t SET n = 9 WHERE id = 2")
	r.down(1)
	r.rows("SELECT id, n FROM t ORDER BY id", "1|1.2345", "2|9.0000", "3|3.0000")
	r = chooser(t, "CREATE TABLE t (n numeric(10,4)); INSERT INTO t VALUES (1.2345)")
	r.add("change-type", params("table=t", "column=n", "type=numeric(10,1)", "way=direct"))
	if err := r.tryUp(0); err == nil || !strings.Contains(err.Error(), "do not convert back exactly") {
		t.Errorf("%v", err)
	}
}

// A table that has grown is refused, and nothing is done.
func TestDirectFilesRefuseATableThatHasGrown(t *testing.T) {
	t.Parallel()
	r := chooser(t, "CREATE TABLE t (id int PRIMARY KEY, n int, pad text DEFAULT repeat('x', 500)); INSERT INTO t VALUES (1, 1)")
	r.add("change-type", params("table=t", "column=n", "type=bigint"))
	before := r.dump()
	r.exec("INSERT INTO t SELECT g, g FROM generate_series(2, 25000) AS g")
	if err := r.tryUp(0); err == nil || !strings.Contains(err.Error(), "t has grown beyond 10 MB: write this again with --set way=online") {
		t.Fatal(err)
	}
	r.exec("DELETE FROM t WHERE id > 1")
	r.same("after the refusal", before)
}

// The way is chosen by the size, and another one can be asked for.
func TestWayIsChosen(t *testing.T) {
	t.Parallel()
	r := chooser(t, fmt.Sprintf("CREATE TABLE small (id int PRIMARY KEY, n int); CREATE TABLE large (id int PRIMARY KEY, n int); INSERT INTO large SELECT g, g FROM generate_series(1, %d) AS g; ANALYZE", 90_000))
	for table, want := range map[string]string{"small": "so way=direct", "large": "so way=online"} {
		files, in, err := r.expand("change-type", params("table="+table, "column=n", "type=bigint"))
		if err != nil {
			t.Fatal(err)
		}
		if report := strings.Join(in.Report, "\n"); !strings.Contains(report, want) || (len(files) == 1) != (table == "small") {
			t.Errorf("%s: %d files: %s", table, len(files), report)
		}
		files, _, err = r.expand("change-type", params("table="+table, "column=n", "type=bigint", "way=direct"))
		if err != nil || len(files) != 1 {
			t.Errorf("%s: %d files: %v", table, len(files), err)
		}
	}
	r.refused("change-type", params("table=small", "column=n", "type=bigint", "way=fast"), `there is no value of way "fast"`)
}

// What hangs on the column goes over to the second one, and comes back, at every file.
func TestChangeTypeOnlineCarriesWhatDepends(t *testing.T) {
	t.Parallel()
	r := newRig(t, strings.Replace(everyDependent, "UNIQUE (name, id)", "CONSTRAINT once UNIQUE (name, id) DEFERRABLE", 1)+
		"COMMENT ON CONSTRAINT once ON items IS 'no two'; ALTER TABLE items DROP COLUMN n CASCADE; CREATE STATISTICS stat ON name, id FROM items; ALTER TABLE items ADD CONSTRAINT late CHECK (name <> 'never') NOT VALID; ANALYZE items")
	r.add("change-type", params("table=items", "column=name", "type=varchar(12)"))
	before := r.dump()
	r.eachRung(4)
	r.up(0)
	r.rows("SELECT conname, convalidated, obj_description(oid) FROM pg_constraint WHERE conrelid = 'items'::regclass AND contype IN ('c', 'u') ORDER BY 1",
		"late|false|", "once|true|no two", "short|true|keeps labels small")
	r.rows("SELECT count(*) FROM pg_stats_ext WHERE statistics_name = 'stat'", "1")
	r.rows("SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'seen'::regclass AND attname = 'name'", "character varying(12)")
	after := r.dump()
	r.down(5)
	r.exec("ALTER TABLE items ADD COLUMN x int; ALTER TABLE items DROP COLUMN x")
	r.same("down", before)
	r.up(0)
	r.same("up again", after)
}
