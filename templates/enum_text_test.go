package templates

import (
	"database/sql"
	"maps"
	"slices"
	"strings"
	"testing"

	"rung/internal/pgtest"
)

func TestEnumToText(t *testing.T) {
	url := pgtest.URL(t)
	dropRoles(t, url)
	pgtest.Exec(t, url, base)
	for _, what := range slices.Sorted(maps.Keys(dependents)) {
		pgtest.Exec(t, url, dependent(t, url, what))
	}
	before := pgtest.Dump(t, url)
	files := mustExpand(t, url, "enum-to-text", set{"type": "status"})
	mustUp(t, url, files)
	if up := pgtest.Dump(t, url); byPgDump(up) && (!strings.Contains(up, "'todo'::text") || strings.Contains(up, "public.status;")) {
		t.Error("the type is left")
	}
	if got := pgtest.QueryStrings(t, url, "SELECT status, count(*) FROM tasks GROUP BY 1 ORDER BY 1"); !slices.Equal(got, []string{"done|10", "in_progress|10", "todo|10", "|10"}) {
		t.Error(got)
	}
	mustDown(t, url, files)
	sameDump(t, "down", before, pgtest.Dump(t, url))
	if t.Failed() {
		t.Log(texts(files))
	}
}

// An array may hold what it could before, and nothing else.
func TestEnumToTextHoldsArraysToTheLabels(t *testing.T) {
	url := pgtest.URL(t)
	pgtest.Exec(t, url, `CREATE TYPE e AS ENUM ('it''s', 'b'); CREATE TABLE t (l e[]);
INSERT INTO t VALUES ('{}'), (NULL), ('{b,NULL}'), ('{{b,it''s},{NULL,NULL}}'), ('[2:3]={b,b}')`)
	before := pgtest.Dump(t, url)
	files := mustExpand(t, url, "enum-to-text", set{"type": "e"})
	mustUp(t, url, files)
	for value, fits := range map[string]bool{"'{it''s}'": true, "'{c}'": false, "'{{b,b},{NULL,c}}'": false, "'{NULL}'": true, "'{\"NULL\"}'": false} {
		db, err := sql.Open("postgres", url)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.Exec("INSERT INTO t VALUES (" + value + ")"); fits != (err == nil) {
			t.Errorf("%s: %v", value, err)
		}
		db.Close()
	}
	pgtest.Exec(t, url, "DELETE FROM t WHERE l IN ('{it''s}', '{NULL}')")
	mustDown(t, url, files)
	sameDump(t, "down", before, pgtest.Dump(t, url))
}

func TestEnumToTextRefuses(t *testing.T) {
	url := pgtest.URL(t)
	pgtest.Exec(t, url, base+`
CREATE VIEW casts AS SELECT note::status AS s FROM tasks WHERE note IN ('todo');
CREATE VIEW first AS SELECT id FROM tasks WHERE status > enum_first(status);
CREATE VIEW fine AS SELECT id FROM tasks WHERE status > 'todo';
CREATE DOMAIN d AS text; CREATE TYPE status2 AS ENUM ('x'); CREATE VIEW other2 AS SELECT id FROM tasks WHERE status = 'todo' AND 'x'::status2 = 'x'::status2`)
	wantRefusal(t, url, "enum-to-text", set{"type": "statu"}, "did you mean status?")
	wantRefusal(t, url, "enum-to-text", set{"type": "status"}, "view public.casts, view public.first")
}
