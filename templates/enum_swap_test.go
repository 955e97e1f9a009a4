package templates

import (
	"database/sql"
	"maps"
	"slices"
	"strings"
	"testing"

	"rung/internal/pgtest"
)

// base is what every dependent below hangs on.
const base = `
CREATE TYPE status AS ENUM ('todo', 'in_progress', 'done');
CREATE TABLE tasks (id int PRIMARY KEY, status status, note text, other status);
INSERT INTO tasks SELECT n, (ARRAY['todo', 'in_progress', 'done', NULL])[n % 4 + 1]::status, 'todo', 'done' FROM generate_series(1, 40) AS n;
CREATE TABLE empty (s status NOT NULL);
`

// dependents are those of POSTGRES.md §2, each by itself; their names differ,
// so that all fit into one schema.
var dependents = map[string]string{
	"default":         `ALTER TABLE tasks ALTER COLUMN status SET DEFAULT 'todo'; CREATE TABLE fallback (t text DEFAULT ('done'::status)::text, n int DEFAULT 3)`,
	"indexes":         `CREATE INDEX plain ON tasks (status); CREATE UNIQUE INDEX uniq ON tasks (status, id); CREATE INDEX "Partial one" ON tasks (id DESC) WITH (fillfactor = 70) WHERE status = 'todo'; COMMENT ON INDEX "Partial one" IS 'It''s ''todo'''; CREATE INDEX expression ON tasks ((status = 'done'), note); ALTER INDEX expression ALTER COLUMN 1 SET STATISTICS 500; ALTER TABLE tasks CLUSTER ON expression`,
	"checks":          `ALTER TABLE tasks ADD CONSTRAINT one CHECK (status IN ('todo', 'done', 'in_progress')), ADD CONSTRAINT two CHECK (status <> other OR status = 'done' OR status = other), ADD CONSTRAINT three CHECK (status <> 'done') NOT VALID, ADD CONSTRAINT texts CHECK (note IN ('todo', 'done')); COMMENT ON CONSTRAINT one ON tasks IS 'todo'`,
	"exclusion":       `CREATE TABLE excluded (id int, s status, EXCLUDE USING btree (id WITH =) WHERE (s = 'todo')); INSERT INTO excluded VALUES (1, 'todo'), (1, 'done')`,
	"foreign keys":    `CREATE TABLE kinds (status status PRIMARY KEY); INSERT INTO kinds SELECT unnest(enum_range(NULL::status)); CREATE TABLE refers (id int, status status REFERENCES kinds ON UPDATE CASCADE ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED); INSERT INTO refers VALUES (1, 'done'), (2, NULL); ALTER TABLE tasks ADD CONSTRAINT later FOREIGN KEY (status) REFERENCES kinds NOT VALID`,
	"generated":       `CREATE TABLE computed (id int, s status, open boolean GENERATED ALWAYS AS (s <> 'done') STORED NOT NULL); COMMENT ON COLUMN computed.open IS 'not done'; CREATE INDEX computed_open ON computed (open); CREATE VIEW computed_view AS SELECT id, open FROM computed WHERE open; INSERT INTO computed VALUES (1, 'todo'), (2, 'done')`,
	"views":           `CREATE ROLE reader; CREATE ROLE writer; CREATE VIEW v1 AS SELECT id, status, note = 'todo' AS text_only FROM tasks WHERE status <> 'done'; CREATE VIEW v2 WITH (security_invoker = true, security_barrier) AS SELECT v1.*, CASE v1.status WHEN 'todo' THEN 'todo'::text END AS c FROM v1; CREATE VIEW v3 AS SELECT a.id, b.status FROM v1 AS a JOIN v2 AS b USING (id) UNION ALL SELECT 0, 'done'::status; COMMENT ON VIEW v2 IS 'second'; COMMENT ON COLUMN v2.status IS 'the "status"'; ALTER VIEW v1 ALTER COLUMN status SET DEFAULT 'in_progress'; GRANT SELECT ON v1 TO reader WITH GRANT OPTION; GRANT UPDATE (note) ON tasks TO writer; GRANT SELECT (id), UPDATE (status) ON v2 TO writer; GRANT SELECT ON v3 TO PUBLIC; REVOKE DELETE ON v3 FROM postgres; ALTER VIEW v3 OWNER TO writer; CREATE VIEW literal_only AS SELECT 'done'::status AS s, ARRAY['todo', 'done']::status[] AS a, '{in_progress}'::status[] AS b; CREATE VIEW checked AS SELECT id, status FROM tasks WHERE status = 'todo' WITH LOCAL CHECK OPTION`,
	"materialized":    `CREATE MATERIALIZED VIEW m1 AS SELECT status, count(*) FROM tasks GROUP BY 1; CREATE UNIQUE INDEX m1_status ON m1 (status); CREATE INDEX m1_part ON m1 (count) WHERE status = 'todo'; CREATE MATERIALIZED VIEW m2 AS SELECT * FROM m1 WHERE status = 'done' WITH NO DATA; COMMENT ON MATERIALIZED VIEW m1 IS 'counts'`,
	"instead of":      `CREATE VIEW editable AS SELECT id, status FROM tasks; CREATE FUNCTION edit() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE TRIGGER instead INSTEAD OF INSERT ON editable FOR EACH ROW EXECUTE FUNCTION edit(); CREATE VIEW ruled AS SELECT id, status FROM tasks; CREATE RULE on_insert AS ON INSERT TO ruled DO INSTEAD INSERT INTO tasks (id, status) VALUES (new.id, 'todo')`,
	"rule":            `CREATE TABLE target (s status); CREATE RULE copy AS ON DELETE TO tasks WHERE old.status = 'done' DO ALSO INSERT INTO target VALUES (old.status); COMMENT ON RULE copy ON tasks IS 'todo'; ALTER TABLE tasks DISABLE RULE copy`,
	"triggers":        `CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql COST 7 SET search_path = public AS 'BEGIN RETURN NEW; END'; CREATE TRIGGER on_when BEFORE UPDATE ON tasks FOR EACH ROW WHEN (new.status = 'done' AND old.status IS DISTINCT FROM new.status) EXECUTE FUNCTION noted('todo'); CREATE TRIGGER on_column AFTER UPDATE OF status ON tasks FOR EACH ROW EXECUTE FUNCTION noted(); CREATE TRIGGER plain_one AFTER INSERT ON tasks FOR EACH ROW EXECUTE FUNCTION noted(); ALTER TABLE tasks DISABLE TRIGGER on_when, ENABLE ALWAYS TRIGGER on_column; COMMENT ON TRIGGER on_when ON tasks IS 'when'`,
	"policy":          `CREATE TABLE secured (id int, s status); INSERT INTO secured VALUES (1, 'todo'); ALTER TABLE secured ENABLE ROW LEVEL SECURITY; CREATE ROLE limited; CREATE POLICY seen ON secured FOR SELECT TO limited, PUBLIC USING (s <> 'done'); CREATE POLICY "Rest" ON secured AS RESTRICTIVE FOR UPDATE TO limited USING (s = 'todo') WITH CHECK (s IN ('todo', 'done')); COMMENT ON POLICY seen ON secured IS 'x'`,
	"arrays":          `CREATE TABLE lists (id int PRIMARY KEY, s status[] DEFAULT '{todo,done}', CHECK (s <> '{done,done}' AND NOT s && '{}'::status[])); INSERT INTO lists VALUES (1, '{}'), (2, NULL), (3, '{todo,NULL,done}'), (4, '{{todo,done},{done,in_progress}}'); CREATE INDEX lists_gin ON lists USING gin (s); ALTER TABLE lists ALTER COLUMN s SET STORAGE EXTERNAL`,
	"partitions":      `CREATE TABLE parted (id int, s status) PARTITION BY RANGE (id); CREATE TABLE parted_a PARTITION OF parted (s DEFAULT 'todo') FOR VALUES FROM (0) TO (10); CREATE TABLE parted_b PARTITION OF parted FOR VALUES FROM (10) TO (20) PARTITION BY LIST (id); CREATE TABLE parted_b1 PARTITION OF parted_b DEFAULT; CREATE INDEX parted_open ON parted (id) WHERE s = 'todo'; CREATE INDEX parted_plain ON parted (s); ALTER TABLE parted ADD CONSTRAINT parted_check CHECK (s <> 'done'); INSERT INTO parted VALUES (1, 'todo'), (11, 'in_progress')`,
	"inheritance":     `CREATE TABLE parent (s status DEFAULT 'todo'); CREATE TABLE child (own int) INHERITS (parent); CREATE TABLE child2 () INHERITS (parent); ALTER TABLE child ALTER COLUMN s SET DEFAULT 'done'; ALTER TABLE child2 ALTER COLUMN s DROP DEFAULT; INSERT INTO parent VALUES ('done'); INSERT INTO child VALUES ('todo', 1); ALTER TABLE parent ADD CONSTRAINT p CHECK (s IN ('todo', 'done'))`,
	"publication":     `CREATE PUBLICATION pub FOR TABLE tasks (id, status), empty`,
	"statistics":      `CREATE STATISTICS counted ON (status = 'todo'), note FROM tasks; ALTER STATISTICS counted SET STATISTICS 300; COMMENT ON STATISTICS counted IS 'todo'; CREATE STATISTICS simple ON status, note FROM tasks`,
	"type's own":      `CREATE ROLE owner; ALTER TYPE status OWNER TO owner; REVOKE USAGE ON TYPE status FROM PUBLIC; CREATE ROLE user_of; GRANT USAGE ON TYPE status TO user_of; COMMENT ON TYPE status IS 'from ''todo'' to done'`,
	"other schemas":   `CREATE SCHEMA "Other"; CREATE TABLE "Other"."Tab le" ("Col" status DEFAULT 'done', "select" status); INSERT INTO "Other"."Tab le" VALUES ('todo', 'done'); CREATE VIEW "Other"."V" AS SELECT "Col" FROM "Other"."Tab le" WHERE "select" = 'todo'`,
	"keys and grants": `CREATE TABLE "keyed" (status status, id int, PRIMARY KEY (status, id)); CREATE ROLE granted; GRANT SELECT (status) ON keyed TO granted; COMMENT ON COLUMN keyed.status IS 'todo'; ALTER TABLE keyed REPLICA IDENTITY FULL; INSERT INTO keyed VALUES ('todo', 1)`,
}

// A permutation with a cycle: every value changes, and so does the order.
var permutation = set{"type": "status", "values": "review,todo,done", "map": "todo=done,in_progress=review,done=todo"}

// swapped applies and comes back, and compares with the state before.
func swapped(t *testing.T, url string, p set) (up string) {
	t.Helper()
	before := pgtest.Dump(t, url)
	files := mustExpand(t, url, "enum-swap", p)
	mustUp(t, url, files)
	up = pgtest.Dump(t, url)
	if up == before {
		t.Error("nothing has changed")
	}
	mustDown(t, url, files)
	sameDump(t, "down", before, pgtest.Dump(t, url))
	mustUp(t, url, files)
	sameDump(t, "up again", up, pgtest.Dump(t, url))
	if t.Failed() {
		t.Log(texts(files))
	}
	return up
}

func dropRoles(t *testing.T, url string) {
	t.Cleanup(func() {
		for _, r := range []string{"reader", "writer", "limited", "owner", "user_of", "granted"} {
			pgtest.Exec(t, url, "DO $$ BEGIN IF to_regrole('"+r+"') IS NOT NULL THEN EXECUTE 'REASSIGN OWNED BY "+r+" TO postgres; DROP OWNED BY "+r+"; DROP ROLE "+r+"'; END IF; END $$")
		}
	})
}

// dependent is one of them, as far as the server knows it: column lists of
// publications and security_invoker came with 15.
func dependent(t *testing.T, url, what string) string {
	t.Helper()
	if pgtest.Major(t, url) < 15 {
		return strings.NewReplacer("tasks (id, status), empty", "tasks, empty", "security_invoker = true, ", "").Replace(dependents[what])
	}
	return dependents[what]
}

func TestEnumSwapDependents(t *testing.T) {
	for _, what := range slices.Sorted(maps.Keys(dependents)) {
		t.Run(what, func(t *testing.T) {
			if !strings.Contains(dependents[what], "CREATE ROLE") { // roles are the server's
				t.Parallel()
			}
			url := pgtest.URL(t)
			dropRoles(t, url)
			pgtest.Exec(t, url, base+dependent(t, url, what))
			swapped(t, url, permutation)
		})
	}
}

func TestEnumSwapAllAtOnce(t *testing.T) {
	url := pgtest.URL(t)
	dropRoles(t, url)
	pgtest.Exec(t, url, base)
	for _, what := range slices.Sorted(maps.Keys(dependents)) {
		pgtest.Exec(t, url, dependent(t, url, what))
	}
	up := swapped(t, url, permutation)
	for _, want := range []string{"'review', 'todo', 'done'", "(note = ANY (ARRAY['todo'::text, 'done'::text]))", "EXECUTE FUNCTION public.noted('todo')", "IS 'from ''todo'' to done'"} {
		if byPgDump(up) && !strings.Contains(strings.ReplaceAll(up, ",\n    ", ", "), want) {
			t.Errorf("the dump lacks %s", want)
		}
	}
	if bad := pgtest.QueryStrings(t, url, "SELECT indexrelid::regclass FROM pg_index WHERE NOT indisvalid"); len(bad) > 0 {
		t.Error("invalid indexes:", bad)
	}
}

func TestEnumSwapOneRewrite(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	pgtest.Exec(t, url, base+`
CREATE TABLE rewrites (tab text);
CREATE FUNCTION rewritten() RETURNS event_trigger LANGUAGE plpgsql AS
'BEGIN INSERT INTO rewrites VALUES (pg_event_trigger_table_rewrite_oid()::regclass::text); END';
CREATE EVENT TRIGGER counting ON table_rewrite EXECUTE FUNCTION rewritten()`)
	mustUp(t, url, mustExpand(t, url, "enum", permutation))
	if got := pgtest.QueryStrings(t, url, "SELECT tab, count(*) FROM rewrites GROUP BY 1 ORDER BY 1"); !slices.Equal(got, []string{"empty|1", "tasks|1"}) {
		t.Error(got)
	}
	if got := pgtest.QueryStrings(t, url, "SELECT status, count(*) FROM tasks GROUP BY 1 ORDER BY 1"); !slices.Equal(got, []string{"review|10", "todo|10", "done|10", "|10"}) {
		t.Error(got)
	}
}

// finishing is a trigger whose plan has the type in it.
const finishing = `
CREATE FUNCTION finish() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS
$$ DECLARE was status; BEGIN was := NEW.status; IF was IS NULL THEN NEW.status := (enum_range(NULL::status))[1]; END IF; RETURN NEW; END $$;
CREATE TRIGGER zz_finish BEFORE INSERT OR UPDATE ON tasks FOR EACH ROW EXECUTE FUNCTION finish()`

// openSession is one that runs a statement again and again, with the plans that
// it has made.
func openSession(t *testing.T, url, statement string) (run func()) {
	t.Helper()
	db, err := sql.Open("postgres", url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		t.Helper()
		if _, err := conn.ExecContext(t.Context(), statement); err != nil {
			t.Error(err)
		}
	}
}

func TestEnumSwapOpenSession(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	pgtest.Exec(t, url, base+finishing)
	write := openSession(t, url, "UPDATE tasks SET note = note || 'x' WHERE id < 10")
	files := mustExpand(t, url, "enum-swap", permutation)
	write()
	mustUp(t, url, files)
	write()
	mustDown(t, url, files)
	write()
}
