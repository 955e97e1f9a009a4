package templates

import (
	"strings"
	"testing"

	"rung/internal/pgtest"
)

func TestEnumSwapMerge(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	pgtest.Exec(t, url, base+`
CREATE TABLE log (n int);
CREATE FUNCTION logged() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO log VALUES (1); RETURN NEW; END $$;
CREATE TRIGGER plain AFTER UPDATE ON tasks FOR EACH ROW EXECUTE FUNCTION logged();
CREATE TRIGGER always BEFORE UPDATE ON tasks FOR EACH ROW EXECUTE FUNCTION logged();
CREATE TRIGGER on_status AFTER UPDATE OF status ON tasks FOR EACH ROW EXECUTE FUNCTION logged();
ALTER TABLE tasks ENABLE ALWAYS TRIGGER always;
DROP TABLE empty;
CREATE SCHEMA s;
CREATE TABLE s."Lists" (a int, "B" text, l status[], PRIMARY KEY (a, "B"));
INSERT INTO s."Lists" VALUES (1, 'x', '{todo,in_progress,NULL}'), (2, 'y', '{{done,in_progress},{todo,todo}}'), (3, 'z', '{done}'), (4, 'u', '{}'), (5, 'v', NULL);
CREATE VIEW open AS SELECT id FROM tasks WHERE status IN ('todo', 'in_progress')`)
	before := pgtest.Dump(t, url)
	files := mustExpand(t, url, "enum", set{"type": "status", "values": "open,closed", "map": "todo=open,in_progress=open,done=closed"})
	mustUp(t, url, files)
	if got := pgtest.QueryString(t, url, `SELECT l FROM s."Lists" WHERE a = 2`); got != "{{closed,open},{open,open}}" {
		t.Error(got)
	}
	mustDown(t, url, files)
	sameDump(t, "down", before, pgtest.Dump(t, url))
	mustUp(t, url, files)
	// Who gets another value meanwhile keeps it; new rows get the first one.
	pgtest.Exec(t, url, `ALTER TABLE tasks DISABLE TRIGGER USER; UPDATE tasks SET status = 'closed' WHERE id = 1; INSERT INTO tasks (id, status) VALUES (100, 'open')`)
	mustDown(t, url, files)
	if got := pgtest.QueryString(t, url, "SELECT string_agg(status::text, ' ' ORDER BY id) FROM tasks WHERE id IN (1, 4, 5, 100)"); got != "done todo in_progress todo" {
		t.Error(got)
	}
	if t.Failed() {
		t.Log(texts(files))
	}
}

func TestEnumSwapMergeWithoutKey(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	pgtest.Exec(t, url, `CREATE TYPE e AS ENUM ('a', 'b', 'c'); CREATE TABLE t (e e); INSERT INTO t VALUES ('a'), ('b')`)
	files, in, err := expand(t, url, "enum", set{"type": "e", "values": "a,c", "map": "b=a"})
	if err != nil {
		t.Fatal(err)
	}
	if report := strings.Join(in.Report, "\n"); !strings.Contains(report, "cannot tell merged values apart") {
		t.Error(report)
	}
	if !strings.Contains(files[0].Down, "-- rung:irreversible values became one, and public.t has no key") {
		t.Error(files[0].Down)
	}
	mustUp(t, url, files)
	if got := pgtest.QueryString(t, url, "SELECT string_agg(e::text, '') FROM t"); got != "aa" {
		t.Error(got)
	}
}

func TestEnumMergeKeepsKeysUnique(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	pgtest.Exec(t, url, `CREATE TYPE e AS ENUM ('a', 'b', 'c');
CREATE TABLE t (id int PRIMARY KEY, n int, e e, "U" e UNIQUE); CREATE UNIQUE INDEX pair ON t (n, e); CREATE UNIQUE INDEX part ON t (e) WHERE n > 10;
INSERT INTO t VALUES (1, 1, 'a', 'a'), (2, 1, 'b', 'c'), (3, NULL, 'a', NULL), (4, NULL, 'b', NULL), (5, 2, 'a', NULL), (6, 3, 'b', NULL)`)
	merge := set{"type": "e", "values": "a,c", "map": "b=a"}
	wantRefusal(t, url, "enum-swap", merge, "would share a unique key: 1 keys of public.pair", "decide which")
	wantRefusal(t, url, "enum-retire", merge, "1 keys twice in unique index public.pair")
	pgtest.Exec(t, url, "DELETE FROM t WHERE id = 2")
	files := mustExpand(t, url, "enum-swap", merge)
	before := pgtest.Dump(t, url)
	mustUp(t, url, files)
	mustDown(t, url, files)
	sameDump(t, "down", before, pgtest.Dump(t, url))
}

// The key may be an expression over the values, and the values that become one
// may be in the condition alone.
func TestEnumMergeKeepsExpressionsAndConditionsUnique(t *testing.T) {
	t.Parallel()
	for index, rows := range map[string]string{
		"t (n) WHERE e = 'a'": "(1, 'a', NULL), (1, 'b', NULL)",
		"t ((n / 5), e)":      "(1, 'a', NULL), (2, 'b', NULL)",
		"t ((CASE e WHEN 'c' THEN 1 WHEN 'b' THEN 2 END))": "(1, 'b', NULL), (2, 'a', NULL)",
		"t (n, \"L\")":                  "(1, 'c', '{a,c}'), (1, 'c', '{b,c}')",
		"t (n) WHERE 'a' = ANY (\"L\")": "(1, 'c', '{a,c}'), (1, 'c', '{b,c}')",
	} {
		t.Run(index, func(t *testing.T) {
			url := pgtest.URL(t)
			pgtest.Exec(t, url, `CREATE TYPE e AS ENUM ('a', 'b', 'c'); CREATE TABLE t (n int, e e, "L" e[], id serial PRIMARY KEY); CREATE UNIQUE INDEX one ON `+index+`;
CREATE TABLE child () INHERITS (t);
INSERT INTO t VALUES (9, 'c', '{c}'), (NULL, NULL, NULL), (NULL, NULL, NULL); INSERT INTO t VALUES `+rows)
			merge := set{"type": "e", "map": "b=a"}
			wantRefusal(t, url, "enum-swap", merge, "would share a unique key: 1 keys of public.one", "decide which")
			pgtest.Exec(t, url, "WITH it AS (DELETE FROM ONLY t WHERE n = 1 RETURNING *) INSERT INTO child SELECT * FROM it")
			before := pgtest.Dump(t, url)
			files := mustExpand(t, url, "enum-swap", merge)
			mustUp(t, url, files)
			if !strings.Contains(files[0].Down, "irreversible") {
				mustDown(t, url, files)
				sameDump(t, "down", before, pgtest.Dump(t, url))
			}
		})
	}
}
