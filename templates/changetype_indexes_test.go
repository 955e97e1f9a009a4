package templates

import "testing"

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
