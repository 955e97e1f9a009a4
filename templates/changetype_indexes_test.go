package templates

import (
	"strings"
	"testing"

	"github.com/lib/pq"

	"rung/internal/pgtest"
)

// What names an index, or is said of it, goes along with its name.
func TestChangeTypeKeepsWhatIsSaidOfAnIndex(t *testing.T) {
	t.Parallel()
	r := newRig(t, `CREATE TABLE acc (id int PRIMARY KEY, name text, code int NOT NULL);
CREATE UNIQUE INDEX acc_code_u ON acc (code); COMMENT ON INDEX acc_code_u IS 'it''s for replication';
ALTER TABLE acc REPLICA IDENTITY USING INDEX acc_code_u; ALTER TABLE acc CLUSTER ON acc_code_u;
CREATE PUBLICATION pub FOR TABLE acc; INSERT INTO acc VALUES (1, 'a', 5)`)
	said := "SELECT indisreplident, indisclustered, obj_description(indexrelid) FROM pg_index WHERE indexrelid = 'acc_code_u'::regclass"
	before := r.dump()
	r.add("change-type", params("table=acc", "column=code", "type=bigint"))
	for range 5 {
		r.up(1)
		r.rows(said, "true|true|it's for replication")
		r.exec("UPDATE acc SET name = name")
	}
	r.down(5)
	r.rows(said, "true|true|it's for replication")
	r.same("down", before)
	r.up(0)
}

func TestChangeTypeRefusesAnIndexWithSettings(t *testing.T) {
	t.Parallel()
	r := newRig(t, `CREATE TABLE t (id int PRIMARY KEY, n int); CREATE INDEX odd ON t ((n + 1)); ALTER INDEX odd ALTER COLUMN 1 SET STATISTICS 300`)
	r.refused("change-type", params("table=t", "column=n", "type=bigint"), "index odd has a tablespace or statistics of its own")
}

func TestChangeTypeReadsAnIndexWithWordsOfSQLInIt(t *testing.T) {
	t.Parallel()
	r := newRig(t, `CREATE TABLE t (id int PRIMARY KEY, n int, " USING " text); INSERT INTO t VALUES (1, 2, 'x');
CREATE INDEX " WHERE " ON t (n, (" USING " || ' WHERE ')) WHERE " USING " <> ' WHERE '`)
	r.add("change-type", params("table=t", "column=n", "type=bigint"))
	r.up(0)
	r.rows("SELECT count(*) FROM pg_indexes WHERE tablename = 't' AND indexname = ' WHERE '", "1")
	r.down(r.next)
}

// Both ways: what a unique index would find twice is named before anything is
// changed.
func TestChangeTypeNamesWhatBecomesEqual(t *testing.T) {
	t.Parallel()
	r := newRig(t, `CREATE TABLE t (id int PRIMARY KEY, gone bool NOT NULL DEFAULT false, n int, code text);
CREATE UNIQUE INDEX t_code ON t (gone, code) WHERE id < 100; CREATE UNIQUE INDEX t_odd ON t (code, (id / 1000));
INSERT INTO t VALUES (1, false, 3, '1'), (2, false, 3, '01'), (3, false, 3, NULL), (4, false, 3, NULL), (100, false, 3, '7'), (2000, false, 3, '07')`)
	r.add("change-type", params("table=t", "column=code", "type=int"))
	before := r.dump()
	err := r.tryUp(0)
	if e := pq.As(err); e == nil || !strings.Contains(e.Message, "1 values of t.code would be more than once in the unique index t_code") || !strings.Contains(e.Detail, "2 × (f, 1)") {
		t.Fatalf("up: %v", err)
	}
	r.same("after the refusal", before)
	r.exec("UPDATE t SET code = '2' WHERE id = 2")
	r.up(0)
	r.rows("SELECT id, code FROM t ORDER BY id", "1|1", "2|2", "3|", "4|", "100|7", "2000|7")
	nulls := "NULLS NOT DISTINCT"
	if pgtest.Major(t, r.url) < 15 {
		nulls = "" // it is new in 15
	}
	r.exec("CREATE UNIQUE INDEX t_n ON t (n) " + nulls + " WHERE id > 100")
	was := r.next
	r.add("change-type", params("table=t", "column=n", "type=numeric"))
	r.up(0)
	r.exec("INSERT INTO t (id, n) VALUES (2001, 4.9), (2002, 5.2)")
	before = r.dump()
	err = r.tryDown(1)
	if e := pq.As(err); e == nil || !strings.Contains(e.Message, "1 values of t.n would be more than once in the unique index t_n") || !strings.Contains(e.Detail, "2 × (5)") {
		t.Fatalf("down: %v", err)
	}
	r.same("after the refusal", before)
	r.exec("UPDATE t SET n = NULL WHERE id = 2002")
	r.up(0)
	r.down(r.next - was)
	r.rows("SELECT id, n FROM t WHERE id > 2000", "2001|5", "2002|")
}

func TestChangeTypeRefusesAnIndexThatDoesNotSuit(t *testing.T) {
	t.Parallel()
	r := newRig(t, `CREATE TABLE b (id int PRIMARY KEY, c text); CREATE INDEX b_i ON b (c text_pattern_ops);
CREATE TABLE d (id int PRIMARY KEY, c text); CREATE INDEX d_i ON d (id) WHERE c <> '';
CREATE TABLE e (id int PRIMARY KEY, c int, f int); CREATE INDEX e_c ON e (c); CREATE INDEX e_c_new ON e (f)`)
	for table, says := range map[string]string{
		"b": `index b_i cannot be built over bigint: operator class "text_pattern_ops" does not accept data type bigint`,
		"d": "index d_i cannot be built over bigint: operator does not exist",
		"e": "the name e_c_new is taken",
	} {
		t.Run(table, func(t *testing.T) {
			(&rig{T: t, url: r.url}).refused("change-type", params("table="+table, "column=c", "type=bigint"), says)
		})
	}
}
