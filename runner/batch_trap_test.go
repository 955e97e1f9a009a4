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
	const fix = "; work as a role that sees all rows (the table's owner unless row security is forced, or a role with BYPASSRLS), by --role or by SET ROLE above the batch"
	const onT, onU = "ALTER TABLE t ENABLE ROW LEVEL SECURITY", "ALTER TABLE u ENABLE ROW LEVEL SECURITY"
	const forced = onT + ", FORCE ROW LEVEL SECURITY"
	const hidden = "row-level security would hide rows from the batch: query would be affected by row-level security policy for table "
	for name, c := range map[string]struct{ ddl, head, statement, want string }{
		"the owner, forced":               {forced, "", update, "row-level security hides rows of t from role owner, so the batches would skip them" + fix},
		"the owner, not forced":           {onT, "", update, ""},
		"another role":                    {onT, "SET ROLE clerk;\n", update, "row-level security hides rows of t from role clerk, so the batches would skip them" + fix},
		"a role with BYPASSRLS":           {onT, "SET ROLE above_it;\n", update, ""},
		"a table that is joined":          {onU, "SET ROLE clerk;\n", other, hidden + `"u"` + fix},
		"a table in a subquery":           {onU, "SET ROLE clerk;\n", "UPDATE t SET n = n + 1 WHERE id BETWEEN $1 AND $2 AND id IN (SELECT k FROM u)", hidden + `"u"` + fix},
		"a view of its reader":            {onU + "; CREATE VIEW v WITH (security_barrier) AS SELECT * FROM u; ALTER VIEW v OWNER TO clerk; GRANT SELECT ON v TO owner", "", strings.ReplaceAll(other, "FROM u WHERE u.", "FROM v WHERE v."), hidden + `"u"` + fix},
		"a view of the table's owner":     {onU + "; CREATE VIEW v AS SELECT * FROM u; ALTER VIEW v OWNER TO owner; GRANT SELECT ON v TO clerk", "SET ROLE clerk;\n", strings.ReplaceAll(other, "FROM u WHERE u.", "FROM v WHERE v."), ""},
		"the second of several statement": {onU, "SET ROLE clerk;\n", update + ";\n" + strings.Replace(other, "n + 1", "n", 1) + ";\n-- rung:end", hidden + `"u"` + fix},
	} {
		t.Run(name, func(t *testing.T) {
			url := pgtest.URL(t)
			t.Cleanup(func() {
				pgtest.Exec(t, url, "DROP OWNED BY owner, clerk, above_it CASCADE; DROP ROLE owner; DROP ROLE clerk; DROP ROLE above_it")
			})
			pgtest.Exec(t, url, `CREATE ROLE owner LOGIN; CREATE ROLE clerk; CREATE ROLE above_it BYPASSRLS; GRANT clerk, above_it TO owner;
				DO $$BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO owner', current_database()); END$$; GRANT ALL ON SCHEMA public TO owner`)
			numbered(t, url, 1000)
			pgtest.Exec(t, url, "CREATE TABLE u AS SELECT id AS k FROM t; ALTER TABLE t OWNER TO owner; ALTER TABLE u OWNER TO owner; GRANT ALL ON t, u TO clerk, above_it; "+c.ddl)
			f := pairs{"1_n.up.sql": c.head + "-- rung:batch key=t.id rows=300\n" + c.statement}
			as := pgtest.AsUser(t, url, "owner")
			if c.want == "" {
				up(t, as, f)
				everyOne(t, url)
				return
			}
			_, err := upFails(t, as, f)
			var bad *BadFilesError
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
	t.Parallel()
	const shift = "UPDATE t SET id = id + 5 WHERE id BETWEEN $1 AND $2"
	const trigger = "CREATE FUNCTION shift() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.id := OLD.id + 5000; RETURN NEW; END'; CREATE TRIGGER shift BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION shift()"
	const own = "the batch changes its own key, (id) of t, so rows would be processed twice or skipped; use a key column that the batch does not change"
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
			f := pairs{"1_n.up.sql": "-- rung:batch key=t.id rows=100 target=1min\n" + c.statement}
			if !c.refused {
				up(t, url, f)
				return
			}
			before := ask(t, url, "SELECT sum(id), sum(n) FROM t")
			_, err := upFails(t, url, f)
			var bad *BadFilesError
			if !errors.As(err, &bad) || !strings.HasSuffix(bad.Error(), ":1: "+own) {
				t.Errorf("\ngot  %v\nwant %s", err, own)
			}
			is(t, url, "SELECT sum(id), sum(n) FROM t", before)
			is(t, url, "SELECT count(*) FROM rung.batches", "0")
			// The file may be fixed then.
			up(t, url, pairs{"1_n.up.sql": "-- rung:batch key=t.id rows=100\nSELECT id FROM t WHERE id BETWEEN $1 AND $2"})
		})
	}
}

// The same, with MERGE.
func TestBatchMergesItsKey(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	if pgtest.QueryString(t, url, "SELECT current_setting('server_version_num')::int >= 150000") != "true" {
		return // no MERGE there
	}
	numbered(t, url, 100)
	_, err := upFails(t, url, pairs{"1_n.up.sql": "-- rung:batch key=t.id\nMERGE INTO t USING t AS s ON t.id = s.id AND s.id BETWEEN $1 AND $2 WHEN MATCHED THEN UPDATE SET id = t.id + 500"})
	if err == nil || !strings.Contains(err.Error(), "the batch changes its own key, (id) of t") {
		t.Error(err)
	}
	up(t, url, pairs{"1_n.up.sql": "-- rung:batch key=t.id\nMERGE INTO t USING t AS s ON t.id = s.id AND s.id BETWEEN $1 AND $2 WHEN MATCHED THEN DELETE"})
	is(t, url, "SELECT count(*) FROM t", "0")
}

// The batches that are committed count only by the key that they ran over: by
// its type, collation and the version of that, in the same column and table.
func TestBatchKeyIsAsItWas(t *testing.T) {
	t.Parallel()
	const stop = "ALTER TABLE t ADD CONSTRAINT stop CHECK (n = 0 OR id <> '250')"
	const again = "CREATE TABLE t (id text COLLATE \"C\" PRIMARY KEY, n int DEFAULT 0); INSERT INTO t SELECT i::text FROM generate_series(1, 300) i"
	for name, c := range map[string]struct{ change, want string }{
		"collation": {`ALTER TABLE t ALTER id TYPE text COLLATE "und-x-icu"`, `the key's type was text COLLATE "C" and is now text COLLATE "und-x-icu" (`},
		"type":      {"ALTER TABLE t DROP CONSTRAINT stop, ALTER id TYPE int USING id::int", `the key's type was text COLLATE "C" and is now integer`},
		"version":   {"UPDATE rung.steps SET key_types = '{\"text COLLATE \\\"C\\\" (1.0)\"}'", `the key's type was text COLLATE "C" (1.0) and is now text COLLATE "C"`},
		"table":     {"ALTER TABLE t RENAME TO t_old; ALTER TABLE t_old RENAME CONSTRAINT t_pkey TO p; " + again, "the table is not the one that the batches ran on (oid "},
		"column":    {"ALTER TABLE t RENAME id TO old; ALTER TABLE t ADD id text COLLATE \"C\"; UPDATE t SET id = old; ALTER TABLE t DROP old, ADD PRIMARY KEY (id)", "the key's column was dropped and added again"},
		"nothing":   {"SELECT 1", ""},
		"restored":  {"UPDATE rung.steps SET key_ids = ARRAY[1, 2, 3]::oid[]", ""},
		"not noted": {"UPDATE rung.steps SET key_types = NULL, key_ids = NULL", ""},
	} {
		t.Run(name, func(t *testing.T) {
			url := pgtest.URL(t)
			pgtest.Exec(t, url, again+"; "+stop)
			f := counting("rows=100 target=1min")
			_, _ = upFails(t, url, f)
			before := ask(t, url, "SELECT count(*), sum(n) FROM t")
			pgtest.Exec(t, url, c.change)
			if c.want == "" {
				pgtest.Exec(t, url, "ALTER TABLE t DROP CONSTRAINT stop")
				up(t, url, f)
				everyOne(t, url)
				return
			}
			if name == "table" {
				before = ask(t, url, "SELECT count(*), sum(n) FROM t")
			}
			_, err := upFails(t, url, f)
			var bad *BadFilesError
			if !errors.As(err, &bad) || !strings.Contains(bad.Error(), "batches of it committed over public.t (id): "+c.want) && !strings.Contains(bad.Error(), "batch of it committed over public.t (id): "+c.want) {
				t.Errorf("\ngot  %v\nwant %s", err, c.want)
			}
			is(t, url, "SELECT count(*), sum(n) FROM t", before)
			_, err = testRunner(t, url, load(t, f)).WriteScript(testContext(t), Up, UpRequest{}, &strings.Builder{})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("by hand: %v", err)
			}
		})
	}
}

// At the end it says how many keys it walked and how many rows it changed, and
// what is odd about that.
func TestBatchNotes(t *testing.T) {
	t.Parallel()
	const none, many = "no row changed", "rows changed more than once"
	for name, c := range map[string]struct {
		statement  string
		rows       int64
		want, hand string
	}{
		"as it should be":         {"UPDATE t SET n = n + 1 WHERE id BETWEEN $1 AND $2", 500, "", "500 keys walked, 500 rows changed"},
		"bounds the wrong way":    {"UPDATE t SET n = n + 1 WHERE id BETWEEN $2 AND $1", 0, none, "no row changed"},
		"OR":                      {"UPDATE t SET n = n + 1 WHERE id >= $1 OR id <= $2", -1, many, "more rows changed than there are keys"},
		"half of the rows":        {"UPDATE t SET n = n + 1 WHERE id BETWEEN $1 AND $2 AND id % 2 = 0", 250, "", "250 rows changed"},
		"INSERT of several a key": {"INSERT INTO more SELECT id FROM t, generate_series(1, 3) WHERE id BETWEEN $1 AND $2", 1500, "", "1500 rows changed"},
		"nothing inserted":        {"INSERT INTO more SELECT id FROM t WHERE id BETWEEN $2 AND $1", 0, none, "no row changed"},
		"SELECT":                  {"SELECT id FROM t WHERE id BETWEEN $2 AND $1", 0, "", "0 rows changed"},
	} {
		t.Run(name, func(t *testing.T) {
			url := pgtest.URL(t)
			numbered(t, url, 500)
			pgtest.Exec(t, url, "CREATE TABLE more (id int)")
			f := pairs{"1_n.up.sql": "-- rung:batch key=t.id rows=100 target=1ms\n" + c.statement}
			h := &hearing{}
			h.on = once(func(BatchDone) {
				st, err := testRunner(t, url, load(t, f)).Status(testContext(t))
				if err != nil || len(st.Backfills) != 1 || (st.Backfills[0].Note != "") != (c.want != "") {
					t.Errorf("%+v, %v", st, err)
				}
			})
			rep := up(t, url, f, h.listen)
			done := heard[BackfillDone](h)
			if len(done) != 1 || len(rep.Done) != 1 || len(rep.Done[0].Backfills) != 1 {
				t.Fatalf("%+v, %+v", done, rep.Done)
			}
			p := done[0].Progress
			if p.Keys != 500 || c.rows >= 0 && p.Rows != c.rows || (p.Note == "") != (c.want == "") || !strings.Contains(p.Note, c.want) || rep.Done[0].Backfills[0] != p {
				t.Errorf("%+v", p)
			}
			url = pgtest.URL(t)
			numbered(t, url, 500)
			pgtest.Exec(t, url, "CREATE TABLE more (id int)")
			out, err := tryByHand(t, url, byHandScript(t, url, load(t, f), Up, UpRequest{}))
			if err != nil || !strings.Contains(out, c.hand) || strings.Contains(out, "WARNING") != (c.want != "") {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

// The key for which a batch fails is named, whatever it fails at; where it is
// not one key's fault none is.
func TestBatchNamesTheKey(t *testing.T) {
	t.Parallel()
	const count = "UPDATE t SET n = n + 1 WHERE id BETWEEN $1 AND $2"
	for name, c := range map[string]struct{ ddl, statement, key string }{
		"a constraint":          {"ALTER TABLE t ADD CHECK (n = 0 OR id <> 777)", count, "(777)"},
		"a division":            {"SELECT 1", "UPDATE t SET n = 1 / (id - 777) WHERE id BETWEEN $1 AND $2", "(777)"},
		"a cast":                {"ALTER TABLE t ADD x text; UPDATE t SET x = CASE id WHEN 777 THEN 'x' ELSE '1' END", "UPDATE t SET n = x::int WHERE id BETWEEN $1 AND $2", "(777)"},
		"the first of two":      {"ALTER TABLE t ADD CHECK (n = 0 OR id NOT IN (500, 777))", count, "(500)"},
		"the last":              {"ALTER TABLE t ADD CHECK (n = 0 OR id <> 1000)", count, "(1000)"},
		"at COMMIT":             {"CREATE TABLE ok (n int PRIMARY KEY); INSERT INTO ok SELECT generate_series(1, 1000); DELETE FROM ok WHERE n = 777; ALTER TABLE t ADD x int REFERENCES ok DEFERRABLE INITIALLY DEFERRED", "UPDATE t SET x = id WHERE id BETWEEN $1 AND $2", "(777)"},
		"two that do not agree": {"CREATE UNIQUE INDEX ON t ((CASE WHEN n = 1 AND id IN (1, 1000) THEN 1 ELSE -id END))", count, ""},
		"a mistake":             {"SELECT 1", "UPDATE t SET m = 1 WHERE id BETWEEN $1 AND $2", ""},
	} {
		t.Run(name, func(t *testing.T) {
			url := pgtest.URL(t)
			numbered(t, url, 1000)
			pgtest.Exec(t, url, c.ddl)
			before := ask(t, url, "SELECT sum(n) FROM t")
			_, err := upFails(t, url, pairs{"1_n.up.sql": "-- rung:batch key=t.id\n" + c.statement})
			var s *StatementError
			if !errors.As(err, &s) || s.Key != c.key {
				t.Fatalf("%v", err)
			}
			if name != "a mistake" && (s.KeyCount != 1000 || s.Keys != "(1) to (1000)") {
				t.Errorf("%+v", s)
			}
			is(t, url, "SELECT sum(n) FROM t", before)
		})
	}
}

// A role that has fewer connections than workers does the work with those.
func TestBatchFewerConnections(t *testing.T) {
	url := pgtest.URL(t)
	numbered(t, url, 1000)
	t.Cleanup(func() { pgtest.Exec(t, url, "DROP OWNED BY narrow; DROP ROLE narrow") })
	pgtest.Exec(t, url, `CREATE ROLE narrow LOGIN CONNECTION LIMIT 3; ALTER TABLE t OWNER TO narrow;
		DO $$BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO narrow', current_database()); END$$`)
	h := &hearing{}
	up(t, pgtest.AsUser(t, url, "narrow"), counting("rows=10 target=1ms workers=4"), h.listen)
	everyOne(t, url)
	if es := heard[FewerWorkers](h); len(es) != 1 || es[0].Wanted != 4 || es[0].Workers > 2 || es[0].Err == nil {
		t.Errorf("%+v", es)
	}
}
