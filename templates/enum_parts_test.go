package templates

import (
	"slices"
	"testing"

	"rung/internal/pgtest"
)

// ownParts is a partitioned table whose partitions have much of their own.
const ownParts = `
CREATE TYPE st AS ENUM ('todo', 'cancelled', 'done');
CREATE TABLE p (id int, s st, n int DEFAULT 0, PRIMARY KEY (id)) PARTITION BY RANGE (id);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);
CREATE TABLE p2 PARTITION OF p DEFAULT PARTITION BY LIST (id);
CREATE TABLE a2 PARTITION OF p2 DEFAULT;
CREATE INDEX mine ON p1 (s) WITH (fillfactor = 70); COMMENT ON INDEX mine IS 'c'; ALTER TABLE p1 CLUSTER ON mine;
CREATE INDEX z ON p2 (s); CREATE INDEX ps ON p (s); COMMENT ON INDEX a2_s_idx IS 'leaf';
CREATE INDEX "an ON ONLY x" ON p (n, s); ALTER INDEX p1_n_s_idx RENAME TO "a WHERE z";
ALTER TABLE p1 ADD CONSTRAINT own_key UNIQUE (id, s) WITH (fillfactor = 60); ALTER TABLE p1 ALTER id SET NOT NULL, REPLICA IDENTITY USING INDEX p1_pkey;
ALTER TABLE p ADD CONSTRAINT p_key UNIQUE (id, s); COMMENT ON CONSTRAINT own_key ON p1 IS 'own'; COMMENT ON CONSTRAINT p_key ON p IS 'all';
CREATE TABLE f (id int PRIMARY KEY, s st, FOREIGN KEY (id, s) REFERENCES p (id, s));
CREATE FUNCTION up() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.n := NEW.n + 1; RETURN NEW; END $$;
CREATE TRIGGER t BEFORE UPDATE ON p FOR EACH ROW WHEN (NEW.s = 'done') EXECUTE FUNCTION up();
CREATE TRIGGER u BEFORE UPDATE ON p FOR EACH ROW EXECUTE FUNCTION up();
ALTER TABLE p1 DISABLE TRIGGER t, DISABLE TRIGGER u; ALTER TABLE a2 ENABLE REPLICA TRIGGER t;
CREATE TRIGGER own BEFORE UPDATE ON p1 FOR EACH ROW EXECUTE FUNCTION up(); ALTER TABLE p1 ENABLE ALWAYS TRIGGER own;
INSERT INTO p VALUES (1, 'cancelled'), (2, 'done'), (11, 'cancelled')`

func TestEnumSwapPartitionsOwn(t *testing.T) {
	t.Parallel()
	for name, p := range map[string]set{
		"merge":   {"type": "st", "map": "cancelled=done"},
		"reorder": {"type": "st", "values": "done,cancelled,todo"},
	} {
		t.Run(name, func(t *testing.T) {
			url := pgtest.URL(t)
			pgtest.Exec(t, url, ownParts+"; CREATE INDEX said ON p (s DESC, id); COMMENT ON INDEX said IS 'of the parent alone'")
			swapped(t, url, p)
		})
	}
}

// A rule on UPDATE must not see the values come back either.
func TestEnumSwapMergeUnderRule(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	pgtest.Exec(t, url, `CREATE TYPE st AS ENUM ('todo', 'cancelled', 'done'); CREATE TABLE t (id int PRIMARY KEY, s st); CREATE TABLE log (n int);
INSERT INTO t VALUES (1, 'cancelled'); CREATE RULE logged AS ON UPDATE TO t DO ALSO INSERT INTO log VALUES (1); ALTER TABLE t ENABLE ALWAYS RULE logged`)
	swapped(t, url, set{"type": "st", "map": "cancelled=done"})
}

// A CHECK that a child has both of its own and from its parent.
func TestEnumSwapChecksOfChildren(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	pgtest.Exec(t, url, `CREATE TYPE st AS ENUM ('a', 'b', 'c');
CREATE TABLE a_parent (s st, CONSTRAINT ck CHECK (s <> 'b')); CREATE TABLE b_child (s st, CONSTRAINT ck CHECK (s <> 'b')); ALTER TABLE b_child INHERIT a_parent;
CREATE TABLE a_grandchild (s st, CONSTRAINT ck CHECK (s <> 'b')); ALTER TABLE a_grandchild INHERIT b_child; CREATE TABLE plain () INHERITS (a_grandchild);
COMMENT ON CONSTRAINT ck ON b_child IS 'own'; COMMENT ON CONSTRAINT ck ON plain IS 'inherited';
CREATE TABLE half (i int, s st) PARTITION BY LIST (i); CREATE TABLE half_1 PARTITION OF half DEFAULT; ALTER TABLE half ADD CONSTRAINT ck CHECK (s <> 'b') NOT VALID; ALTER TABLE half_1 VALIDATE CONSTRAINT ck; INSERT INTO a_grandchild VALUES ('a')`)
	swapped(t, url, set{"type": "st", "values": "b,c,a"})
	if got := pgtest.QueryString(t, url, "SELECT obj_description(oid, 'pg_constraint') FROM pg_constraint WHERE conrelid = 'plain'::regclass"); got != "inherited" {
		t.Error(got)
	}
}

// Generated columns of children have what their parents' have not.
func TestEnumSwapGeneratedOfChildren(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	pgtest.Exec(t, url, `CREATE TYPE st AS ENUM ('a', 'b', 'c');
CREATE TABLE parent (s st, g st GENERATED ALWAYS AS (coalesce(s, 'c')) STORED, CHECK (g <> 'b' OR s = 'b')); CREATE TABLE child () INHERITS (parent);
ALTER TABLE child ALTER g SET NOT NULL, ADD CHECK (g IN ('b', 'c') OR s = 'a'); COMMENT ON COLUMN child.g IS 'here'; CREATE UNIQUE INDEX i ON child (g); ALTER TABLE child REPLICA IDENTITY USING INDEX i; INSERT INTO child VALUES ('b')`)
	swapped(t, url, set{"type": "st", "values": "b,c,a"})
	pgtest.Exec(t, url, `CREATE TABLE own (s st, g st GENERATED ALWAYS AS (coalesce(s, 'c')) STORED); ALTER TABLE parent DROP CONSTRAINT parent_check; ALTER TABLE own INHERIT parent`)
	wantRefusal(t, url, "enum-swap", set{"type": "st", "values": "c,b,a"}, "public.own has the generated column g of its own and from its parent")
}

// Partitions come and go between the writing of a file and its run.
func TestEnumSwapPartitionsMeanwhile(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	pgtest.Exec(t, url, ownParts+`; CREATE TABLE p3 PARTITION OF p FOR VALUES FROM (30) TO (40)`)
	files := mustExpand(t, url, "enum-swap", set{"type": "st", "map": "cancelled=done"})
	pgtest.Exec(t, url, "ALTER TABLE p DETACH PARTITION p3; DROP TABLE p3; CREATE TABLE p4 PARTITION OF p FOR VALUES FROM (40) TO (50); INSERT INTO p VALUES (41, 'cancelled')")
	before := pgtest.Dump(t, url)
	mustUp(t, url, files)
	pgtest.Exec(t, url, "CREATE TABLE p5 PARTITION OF p FOR VALUES FROM (50) TO (60)")
	mustDown(t, url, files)
	pgtest.Exec(t, url, "ALTER TABLE p DETACH PARTITION p5; DROP TABLE p5")
	sameDump(t, "down", before, pgtest.Dump(t, url))
	if bad := pgtest.QueryStrings(t, url, "SELECT indexrelid::regclass FROM pg_index WHERE NOT indisvalid"); len(bad) > 0 {
		t.Error("invalid indexes:", bad)
	}
}

// A partition's copy of a foreign key may have been renamed, or have been there
// before the partition was attached.
func TestEnumSwapForeignKeysOfPartitions(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	pgtest.Exec(t, url, `CREATE TYPE st AS ENUM ('todo', 'cancelled', 'done'); CREATE TABLE kinds (s st, id int, PRIMARY KEY (s, id)) PARTITION BY RANGE (id);
CREATE TABLE kinds_1 PARTITION OF kinds DEFAULT; CREATE TABLE p (id int, s st, CONSTRAINT kind FOREIGN KEY (s, id) REFERENCES kinds) PARTITION BY RANGE (id);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10); CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (10) TO (20) PARTITION BY RANGE (id); CREATE TABLE p3 PARTITION OF p2 DEFAULT;
CREATE TABLE p4 (id int, s st, CONSTRAINT "its own" FOREIGN KEY (s, id) REFERENCES kinds); ALTER TABLE p ATTACH PARTITION p4 FOR VALUES FROM (30) TO (40);
ALTER TABLE p3 RENAME CONSTRAINT kind TO "Kind"; COMMENT ON CONSTRAINT "Kind" ON p3 IS 'mine'; COMMENT ON CONSTRAINT kind ON p1 IS 'c'`)
	// A dump leaves these out.
	names := func() []string {
		return pgtest.QueryStrings(t, url, "SELECT conrelid::regclass, conname, obj_description(oid, 'pg_constraint') FROM pg_constraint WHERE contype = 'f' AND conrelid::regclass::text ~ '^p' AND confrelid = 'kinds'::regclass ORDER BY 1, 2")
	}
	want := names()
	up := swapped(t, url, set{"type": "st", "values": "done,cancelled,todo"})
	if got := names(); !slices.Equal(got, want) || len(want) != 5 {
		t.Errorf("%q\n%q\n%s", got, want, up)
	}
}
