package templates

import (
	"strings"
	"testing"
)

// What the column and its CHECKs have beside the type is there again in the down migration.
func TestTextToEnumKeepsItsDress(t *testing.T) {
	t.Parallel()
	r := newRig(t, `CREATE TABLE t (id int, s varchar(80) CONSTRAINT few CHECK (s IN ('a', '$check$; ALTER TABLE t DROP s; $check$'))) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t DEFAULT PARTITION BY RANGE (id); CREATE TABLE t11 PARTITION OF t1 DEFAULT; INSERT INTO t VALUES (1, 'a');
COMMENT ON CONSTRAINT few ON t IS 'two'; COMMENT ON CONSTRAINT few ON t1 IS 'too';
ALTER TABLE t ALTER s SET STATISTICS 321, ALTER s SET (n_distinct_inherited = 3); ALTER TABLE ONLY t ALTER s SET STORAGE EXTERNAL; ALTER TABLE ONLY t11 ALTER s SET STORAGE MAIN, ALTER s SET COMPRESSION pglz, ALTER s SET STATISTICS 123, ALTER s SET (n_distinct = 2); COMMENT ON COLUMN t.s IS 'it'`)
	r.add("text-to-enum", params("table=t", "column=s", "type=e", "values=a,'$check$; ALTER TABLE t DROP s; $check$'"))
	r.goesAndReturns()
}

func TestTextToEnumRefusesIndexesOfText(t *testing.T) {
	t.Parallel()
	r := newRig(t, `CREATE TABLE t (id int, s text) PARTITION BY RANGE (id); CREATE TABLE t1 PARTITION OF t DEFAULT PARTITION BY RANGE (id); CREATE TABLE t11 PARTITION OF t1 DEFAULT`)
	p := params("table=t", "column=s", "type=e", "values=a,b")
	for _, index := range []string{
		`ON t (s COLLATE "C")`, "ON t11 (s text_pattern_ops)", "ON t USING brin (s)", "ON t11 USING spgist (s)", `ON t11 (id, s COLLATE "C") WHERE id > 3`,
	} {
		r.exec("CREATE INDEX of_text " + index)
		r.refused("text-to-enum", p, "index public.of_text", "in one after")
		r.exec("DROP INDEX of_text")
	}
	r.exec("ALTER TABLE t11 ALTER s SET DEFAULT 'b'")
	r.refused("text-to-enum", p, "the default of public.t11.s")
	r.exec(`ALTER TABLE t11 ALTER s DROP DEFAULT; CREATE INDEX hashed ON t USING hash (s); CREATE INDEX pair ON t11 (id, s) INCLUDE (s); CREATE INDEX other ON t USING brin (id)`)
	r.add("text-to-enum", p)
	r.goesAndReturns()
}

// The down migration would cut what the column is too short for.
func TestTextToEnumRefusesValuesThatAreCut(t *testing.T) {
	t.Parallel()
	r := newRig(t, "CREATE TABLE t (s varchar(4), c char(4)); INSERT INTO t VALUES ('done', 'abc')")
	r.refused("text-to-enum", params("table=t", "column=s", "type=e", "values=done,cancelled"), "t.s is character varying(4)", "would cut 'cancelled'")
	r.refused("text-to-enum", params("table=t", "column=c", "type=e", "values=abc,abcde"), "would cut 'abcde'")
	r.add("text-to-enum", params("table=t", "column=s", "type=e", "values=finished", "map=done=finished"))
	r.goesAndReturns()
}

// What sorts texts would silently sort values.
func TestTextToEnumAndTheOrder(t *testing.T) {
	t.Parallel()
	r := newRig(t, `CREATE TABLE t (id int, s text, o text COLLATE "C"); INSERT INTO t VALUES (1, 'todo', 'a'), (2, 'done', 'b');
CREATE VIEW greatest_one AS SELECT max(s) FROM t; CREATE VIEW first_one AS SELECT DISTINCT ON (id) id, s FROM t ORDER BY id, s; CREATE VIEW sorting AS SELECT s FROM t ORDER BY s; CREATE VIEW other AS SELECT max(id), max(o) AS o FROM t;
CREATE MATERIALIZED VIEW ranked AS SELECT rank() OVER (ORDER BY s) FROM t; CREATE VIEW grouped AS SELECT s, count(*) FROM t GROUP BY s`)
	p := params("table=t", "column=s", "type=e", "values=todo,done")
	r.refused("text-to-enum", p, "materialized view public.ranked (it depends on the order of texts, and the enum values have another one); view first_one (it depends on the order of texts, and the enum values have another one); view greatest_one (")
	r.exec("DROP VIEW greatest_one, first_one; DROP MATERIALIZED VIEW ranked")
	_, in, err := r.expand("text-to-enum", p)
	if report := strings.Join(in.Report, "\n"); err != nil || !strings.Contains(report, "these sort their rows by texts, and will sort them by enum values: view sorting\n") {
		t.Error(err, report)
	}
	r.add("text-to-enum", params("table=t", "column=o", "type=e", "values=a,b"))
	r.goesAndReturns()
}
