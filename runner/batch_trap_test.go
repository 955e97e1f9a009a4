package runner

import (
	"errors"
	"strings"
	"testing"

	"rung/internal/pgtest"
)

// A batch that row-level security would keep rows from is refused before the
// first one, and so is its script; as a role that it does not bind it runs.
func TestBatchRowSecurity(t *testing.T) {
	const update = "UPDATE t SET n = n + 1 WHERE id BETWEEN $1 AND $2"
	const other = "UPDATE t SET n = n + 1 FROM u WHERE u.k = t.id AND t.id BETWEEN $1 AND $2"
	const mend = "; work as a role that it does not bind: the table's owner, where it is not forced, or one with BYPASSRLS; by --role, or by SET ROLE above the batch"
	const onT, onU = "ALTER TABLE t ENABLE ROW LEVEL SECURITY", "ALTER TABLE u ENABLE ROW LEVEL SECURITY"
	const forced = onT + ", FORCE ROW LEVEL SECURITY"
	const hidden = "row-level security would keep rows from the batch: query would be affected by row-level security policy for table "
	for name, c := range map[string]struct{ ddl, head, statement, want string }{
		"the owner, forced":               {forced, "", update, "row-level security keeps rows of t from role owner, so the batches would pass them over" + mend},
		"the owner, not forced":           {onT, "", update, ""},
		"another role":                    {onT, "SET ROLE clerk;\n", update, "row-level security keeps rows of t from role clerk, so the batches would pass them over" + mend},
		"a role with BYPASSRLS":           {onT, "SET ROLE above_it;\n", update, ""},
		"a table that is joined":          {onU, "SET ROLE clerk;\n", other, hidden + `"u"` + mend},
		"a table in a subquery":           {onU, "SET ROLE clerk;\n", "UPDATE t SET n = n + 1 WHERE id BETWEEN $1 AND $2 AND id IN (SELECT k FROM u)", hidden + `"u"` + mend},
		"a view of its reader":            {onU + "; CREATE VIEW v WITH (security_barrier) AS SELECT * FROM u; ALTER VIEW v OWNER TO clerk; GRANT SELECT ON v TO owner", "", strings.ReplaceAll(other, "FROM u WHERE u.", "FROM v WHERE v."), hidden + `"u"` + mend},
		"a view of the table's owner":     {onU + "; CREATE VIEW v AS SELECT * FROM u; GRANT SELECT ON v TO clerk", "SET ROLE clerk;\n", strings.ReplaceAll(other, "FROM u WHERE u.", "FROM v WHERE v."), ""},
		"the second of several statement": {onU, "SET ROLE clerk;\n", update + ";\n" + strings.Replace(other, "n + 1", "n", 1) + ";\n-- rung:end", hidden + `"u"` + mend},
	} {
		t.Run(name, func(t *testing.T) {
			url := pgtest.URL(t)
			t.Cleanup(func() {
				pgtest.Exec(t, url, "DROP OWNED BY owner, clerk, above_it; DROP ROLE owner; DROP ROLE clerk; DROP ROLE above_it")
			})
			pgtest.Exec(t, url, `CREATE ROLE owner LOGIN; CREATE ROLE clerk; CREATE ROLE above_it BYPASSRLS; GRANT clerk, above_it TO owner;
				DO $$BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO owner', current_database()); END$$; GRANT ALL ON SCHEMA public TO owner`)
			numbered(t, url, 1000)
			pgtest.Exec(t, url, "CREATE TABLE u AS SELECT id AS k FROM t; ALTER TABLE t OWNER TO owner; ALTER TABLE u OWNER TO owner; GRANT ALL ON t, u TO clerk, above_it; "+c.ddl)
			f := files{"1_n.up.sql": c.head + "-- rung:batch key=t.id rows=300\n" + c.statement}
			as := pgtest.AsUser(t, url, "owner")
			if c.want == "" {
				up(t, as, f)
				everyOne(t, url)
				return
			}
			_, err := upFails(t, as, f)
			var bad *BadFiles
			if !errors.As(err, &bad) || !strings.HasSuffix(bad.Error(), ":1: "+c.want) {
				t.Errorf("\ngot  %v\nwant %s", err, c.want)
			}
			is(t, url, "SELECT sum(n), (SELECT count(*) FROM rung.migrations) FROM t", "0|0")
			pgtest.Exec(t, url, "DROP SCHEMA rung CASCADE")
			out, err := tryByHand(t, as, byHandScript(t, as, load(t, f), Up, UpRequest{}))
			if err == nil || !strings.Contains(out, "row-level security") {
				t.Errorf("by hand: %v\n%s", err, out)
			}
			is(t, url, "SELECT sum(n), (SELECT count(*) FROM rung.migrations) FROM t", "0|0")
		})
	}
}

// A statement that changes the key it goes along is refused before the first
// batch where it says so itself, and in the first batch where a trigger, a view
// or a foreign key does it.
func TestBatchChangesItsKey(t *testing.T) {
	const shift = "UPDATE t SET id = id + 5 WHERE id BETWEEN $1 AND $2"
	const trigger = "CREATE FUNCTION shift() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.id := OLD.id + 5000; RETURN NEW; END'; CREATE TRIGGER shift BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION shift()"
	const own = "it changes (id) of t, the key that its batches go along, so rows would be met twice or passed over; batch by a column that it does not change"
	const count = "UPDATE t SET n = n + 1 WHERE id BETWEEN $1 AND $2"
	for name, c := range map[string]struct {
		ddl, statement string
		refused        bool
	}{
		"UPDATE":                       {"SELECT 1", shift, true},
		"a list of columns":            {"SELECT 1", "UPDATE t AS x SET (n, id) = (SELECT n + 1, x.id + 5) WHERE id BETWEEN $1 AND $2", true},
		"WITH":                         {"SELECT 1", "WITH moved AS (" + shift + " RETURNING *) SELECT count(*) FROM moved", true},
		"the second of two":            {"SELECT 1", count + ";\n" + shift + ";\n-- rung:end", true},
		"ON CONFLICT":                  {"SELECT 1", "INSERT INTO t SELECT id FROM t WHERE id BETWEEN $1 AND $2 ON CONFLICT (id) DO UPDATE SET id = excluded.id + 5000", true},
		"a column it is generated of":  {"ALTER TABLE t RENAME id TO base; ALTER TABLE t DROP CONSTRAINT t_pkey, ADD id int NOT NULL GENERATED ALWAYS AS (base * 2) STORED UNIQUE", "UPDATE t SET base = base + 5 WHERE id BETWEEN $1 AND $2", true},
		"a partition by its own name":  {"ALTER TABLE t RENAME TO p; CREATE TABLE t (LIKE p INCLUDING ALL) PARTITION BY RANGE (id); ALTER TABLE t ATTACH PARTITION p FOR VALUES FROM (0) TO (100000)", "UPDATE p SET id = id + 5000 WHERE id BETWEEN $1 AND $2", true},
		"a trigger":                    {trigger, count, true},
		"a view":                       {"CREATE VIEW v AS SELECT id AS k, n FROM t", "UPDATE v SET k = k + 5000 WHERE k BETWEEN $1 AND $2", true},
		"a foreign key":                {"CREATE TABLE other (k int PRIMARY KEY); INSERT INTO other SELECT id FROM t; ALTER TABLE t ADD FOREIGN KEY (id) REFERENCES other ON UPDATE CASCADE", "UPDATE other SET k = k + 5000 WHERE k BETWEEN $1 AND $2", true},
		"a rule":                       {"CREATE TABLE r (k int); CREATE RULE r AS ON INSERT TO r DO INSTEAD UPDATE t SET id = id + 5000 WHERE id = NEW.k", "INSERT INTO r SELECT id FROM t WHERE id BETWEEN $1 AND $2", true},
		"DELETE":                       {"SELECT 1", "DELETE FROM t WHERE id BETWEEN $1 AND $2", false},
		"DELETE, as UPDATE by trigger": {"CREATE FUNCTION gone() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN DELETE FROM t WHERE id = NEW.id; RETURN NULL; END'; CREATE TRIGGER gone AFTER UPDATE ON t FOR EACH ROW EXECUTE FUNCTION gone()", count, false},
		"another column":               {"SELECT 1", count, false},
		"another partition":            {"ALTER TABLE t RENAME TO p; CREATE TABLE t (id int, n int DEFAULT 0) PARTITION BY RANGE (n); CREATE TABLE p1 PARTITION OF t FOR VALUES FROM (0) TO (1); CREATE TABLE p2 PARTITION OF t FOR VALUES FROM (1) TO (9); CREATE INDEX ON t (id); INSERT INTO t SELECT * FROM p; ALTER TABLE t ALTER id SET NOT NULL", count, false},
	} {
		t.Run(name, func(t *testing.T) {
			url := pgtest.URL(t)
			numbered(t, url, 1000)
			pgtest.Exec(t, url, c.ddl)
			f := files{"1_n.up.sql": "-- rung:batch key=t.id rows=100 target=1min\n" + c.statement}
			if !c.refused {
				up(t, url, f)
				return
			}
			before := ask(t, url, "SELECT sum(id), sum(n) FROM t")
			_, err := upFails(t, url, f)
			var bad *BadFiles
			if !errors.As(err, &bad) || !strings.HasSuffix(bad.Error(), ":1: "+own) {
				t.Errorf("\ngot  %v\nwant %s", err, own)
			}
			is(t, url, "SELECT sum(id), sum(n) FROM t", before)
			is(t, url, "SELECT count(*) FROM rung.batches", "0")
			// The file may be mended then.
			up(t, url, files{"1_n.up.sql": "-- rung:batch key=t.id rows=100\nSELECT id FROM t WHERE id BETWEEN $1 AND $2"})
		})
	}
}

// The same, with MERGE.
func TestBatchMergesItsKey(t *testing.T) {
	url := pgtest.URL(t)
	if pgtest.QueryString(t, url, "SELECT current_setting('server_version_num')::int >= 150000") != "true" {
		return // no MERGE there
	}
	numbered(t, url, 100)
	_, err := upFails(t, url, files{"1_n.up.sql": "-- rung:batch key=t.id\nMERGE INTO t USING t AS s ON t.id = s.id AND s.id BETWEEN $1 AND $2 WHEN MATCHED THEN UPDATE SET id = t.id + 500"})
	if err == nil || !strings.Contains(err.Error(), "it changes (id) of t") {
		t.Error(err)
	}
	up(t, url, files{"1_n.up.sql": "-- rung:batch key=t.id\nMERGE INTO t USING t AS s ON t.id = s.id AND s.id BETWEEN $1 AND $2 WHEN MATCHED THEN DELETE"})
	is(t, url, "SELECT count(*) FROM t", "0")
}
