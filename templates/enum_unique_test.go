package templates

import (
	"strings"
	"testing"

	"rung/internal/pgtest"
)

// Files are written where there are no rows, and meet them elsewhere.
func TestMergesNameTheRowsThatWouldShareAKey(t *testing.T) {
	merge := set{"type": "e", "map": "Done=done,DONE=done"}
	const labels = `CREATE TYPE e AS ENUM ('todo', 'Done', 'DONE', 'done'); CREATE TABLE "T" (id int PRIMARY KEY, was int, "S s" e)`
	const both = ` are one, rows would share a unique key: 1 keys of public.one, such as (1, DONE) and (1, done); 1 keys of public.part, such as (1) and (1)`
	for name, c := range map[string]struct {
		p           set
		table, says string
	}{
		"text-to-enum": {
			set{"table": `"T"`, "column": "S s", "type": "e", "values": "todo,done", "map": "Done=done,DONE=done"},
			`CREATE TABLE "T" (id int PRIMARY KEY, was int, "S s" varchar(9))`, "once the texts" + both,
		},
		"enum-swap":   {merge, labels, "once the labels" + both},
		"enum-online": {merge, labels, "once the labels" + both},
		"enum-retire": {merge, labels, "1 keys twice in unique index public.one, such as (1, done); 1 keys twice in unique index public.part, such as (1)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := pgtest.URL(t)
			pgtest.Exec(t, url, c.table+`; CREATE UNIQUE INDEX one ON "T" (was, "S s"); CREATE UNIQUE INDEX part ON "T" (was) WHERE "S s" = 'done'`)
			files := mustExpand(t, url, name, c.p)
			pgtest.Exec(t, url, `INSERT INTO "T" VALUES (1, 1, 'done'), (2, 1, 'DONE'), (3, 2, 'Done'), (4, 2, 'todo'), (5, NULL, 'Done'), (6, NULL, 'done'), (7, 1, NULL)`)
			before := pgtest.Dump(t, url)
			if _, err := ladder(t, url, files).Up(t.Context(), upAll); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Fatalf("%v\n%s", err, texts(files))
			}
			sameDump(t, "after the refusal", before, pgtest.Dump(t, url))
			wantRefusal(t, url, name, c.p, c.says)
			pgtest.Exec(t, url, `DELETE FROM "T" WHERE id = 2`)
			mustUp(t, url, files)
		})
	}
}

// A partition, a child, and where NULL is there once only.
func TestMergesKeepKeysOfTheirOwnUnique(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	pgtest.Exec(t, url, `CREATE TABLE p (id int NOT NULL, s text) PARTITION BY RANGE (id); CREATE TABLE low PARTITION OF p DEFAULT; CREATE UNIQUE INDEX own ON low (s);
CREATE TABLE t (id int PRIMARY KEY, s text); CREATE TABLE child (m int) INHERITS (t); CREATE UNIQUE INDEX childs ON child (m, s);
INSERT INTO p VALUES (1, 'a'), (2, 'A'); INSERT INTO child VALUES (1, 'a', 1), (2, 'A', 1), (3, 'A', 2), (4, 'a', NULL), (5, 'A', NULL)`)
	merge := func(table string) set { return set{"table": table, "column": "s", "type": "e", "map": "A=a"} }
	wantRefusal(t, url, "text-to-enum", merge("p"), "1 keys of public.own, such as (A) and (a)")
	wantRefusal(t, url, "text-to-enum", merge("t"), "1 keys of public.childs, such as (1, A) and (1, a)")
	if pgtest.QueryString(t, url, "SHOW server_version_num") >= "150000" {
		pgtest.Exec(t, url, "DROP INDEX childs; CREATE UNIQUE INDEX childs ON child (m, s) NULLS NOT DISTINCT; DELETE FROM child WHERE id = 2")
		wantRefusal(t, url, "text-to-enum", merge("t"), "1 keys of public.childs, such as (, A) and (, a)")
	}
}
