package templates

import (
	"slices"
	"strings"
	"testing"

	"rung/internal/pgtest"
)

func TestTextToEnum(t *testing.T) {
	for what, c := range map[string]struct {
		setup string
		p     set
		want  []string
	}{
		"values and a map": {
			`CREATE TABLE tasks (id int PRIMARY KEY, status text NOT NULL DEFAULT 'Todo' CHECK (status IN ('Todo', 'Done', 'it''s "x"')));
			 CREATE INDEX i ON tasks (status, id); INSERT INTO tasks VALUES (1, 'Todo'), (2, 'Done'), (3, 'it''s "x"')`,
			set{"table": "tasks", "column": "status", "type": "status", "values": "todo,done,x,later", "map": `Todo=todo,Done=done,'it''s "x"'=x`},
			[]string{"1|todo", "2|done", "3|x"},
		},
		"the texts that are there": {
			`CREATE SCHEMA "S c"; CREATE TABLE "S c"."T s" (id int, "C l" varchar(20) COLLATE "C" DEFAULT 'b'); INSERT INTO "S c"."T s" VALUES (1, 'b'), (2, NULL), (3, E'a\nb'), (4, '')`,
			set{"table": `"S c"."T s"`, "column": "C l", "type": `"S c"."New"`, "map": "''=none"},
			[]string{"1|b", "2|", "3|a\nb", "4|none"},
		},
		"a type that is there, partitions": {
			`CREATE TYPE there AS ENUM ('b', 'a'); CREATE TABLE t (id int, c char(3)) PARTITION BY RANGE (id); CREATE TABLE t1 PARTITION OF t DEFAULT; CREATE INDEX ON t (c); INSERT INTO t VALUES (1, 'a'), (2, 'b')`,
			set{"table": "t", "column": "c", "type": "there"},
			[]string{"1|a", "2|b"},
		},
		"empty": {
			`CREATE TABLE t (id int, c text UNIQUE)`,
			set{"table": "t", "column": "c", "type": "e", "values": "a,b"},
			nil,
		},
	} {
		t.Run(what, func(t *testing.T) {
			url := pgtest.URL(t)
			pgtest.Exec(t, url, c.setup)
			before := pgtest.Dump(t, url)
			files := mustExpand(t, url, "text-to-enum", c.p)
			mustUp(t, url, files)
			if got := pgtest.QueryStrings(t, url, `SELECT id, `+Ident(c.p["column"])+` FROM `+c.p["table"]+` ORDER BY id`); !slices.Equal(got, c.want) {
				t.Errorf("%q\n%s", got, texts(files))
			}
			mustDown(t, url, files)
			sameDump(t, what, before, pgtest.Dump(t, url))
			mustUp(t, url, files)
			if t.Failed() {
				t.Log(texts(files))
			}
		})
	}
}

func TestTextToEnumRefuses(t *testing.T) {
	url := pgtest.URL(t)
	pgtest.Exec(t, url, `
CREATE TABLE t (id int, plain text, n int, used text, def text DEFAULT lower('X'), def2 text DEFAULT 'zzz', parted text);
INSERT INTO t VALUES (1, 'a', 1, 'x'), (2, 'b', 1, 'y');
CREATE VIEW v AS SELECT used FROM t; CREATE INDEX lowered ON t (lower(used)); CREATE INDEX patterns ON t (used text_pattern_ops);
ALTER TABLE t ADD CONSTRAINT pair CHECK (used <> plain OR n > 0);
CREATE TYPE e AS ENUM ('a'); CREATE TABLE none (c text); CREATE TABLE p (k text) PARTITION BY LIST (k)`)
	to := func(table, column, typ, values, mapping string) set {
		return set{"table": table, "column": column, "type": typ, "values": values, "map": mapping}
	}
	wantRefusal(t, url, "text-to-enum", to("tt", "plain", "x", "", ""), "did you mean t?")
	wantRefusal(t, url, "text-to-enum", to("t", "n", "x", "", ""), "integer, not text")
	wantRefusal(t, url, "text-to-enum", to("t", "used", "x", "", ""), "view v", "index lowered", "index patterns", "constraint pair")
	wantRefusal(t, url, "text-to-enum", to("t", "def", "x", "x", ""), "not a plain text")
	wantRefusal(t, url, "text-to-enum", to("t", "def2", "x", "a", ""), "'zzz'", "no label")
	wantRefusal(t, url, "text-to-enum", to("p", "k", "x", "a", ""), "partition key of p")
	wantRefusal(t, url, "text-to-enum", to("none", "c", "x", "", ""), "no row says")
	pgtest.Exec(t, url, "ALTER TABLE t DROP CONSTRAINT pair")
	wantRefusal(t, url, "text-to-enum", to("t", "plain", "x", "a,c", ""), "no label: 'b'", "by map")
	wantRefusal(t, url, "text-to-enum", to("t", "plain", "e", "a,c", ""), "type e is there, with the labels 'a'")
	files := mustExpand(t, url, "text-to-enum", to("t", "plain", "x", "a,b", ""))
	pgtest.Exec(t, url, "INSERT INTO t VALUES (3, 'late')")
	if _, err := ladder(t, url, files).Up(t.Context(), upAll); err == nil || !strings.Contains(err.Error(), "texts that are no label: 1 rows have 'late'") {
		t.Error(err)
	}
	pgtest.Exec(t, url, "DELETE FROM t WHERE id = 3")
	merged := mustExpand(t, url, "text-to-enum", to("t", "plain", "x", "a", "b=a"))
	if !strings.Contains(merged[0].Down, "-- rung:irreversible texts became one label") {
		t.Error(merged[0].Down)
	}
	mustUp(t, url, merged)
}
