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

// A function's text is no dependency of the type, and would fail only when it
// is called.
func TestEnumToTextLooksIntoFunctions(t *testing.T) {
	url := pgtest.URL(t)
	pgtest.Exec(t, url, base+`
CREATE FUNCTION is_open(t bigint) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RETURN EXISTS (SELECT FROM tasks WHERE id = t AND status = 'todo'); END $$;
CREATE FUNCTION casts(t text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RETURN t::public.status = 'todo'; END $$;
CREATE FUNCTION apart() RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN (SELECT max(note) FROM tasks AS status2); END $$;
CREATE FUNCTION broken() RETURNS text LANGUAGE plpgsql SET check_function_bodies = off AS $$ DECLARE s status; n no_such; BEGIN RETURN s; END $$`)
	report := func() string {
		_, in, err := expand(t, url, "enum-to-text", set{"type": "status"})
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(in.Report, "\n")
	}
	if got := report(); !strings.Contains(got, "each call fails once the type is gone: broken(), casts(text), is_open(bigint)") || strings.Contains(got, "COST") {
		t.Error(got)
	}
	pgtest.Exec(t, url, `
CREATE FUNCTION log_status() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE s status; BEGIN s := NEW.status; RETURN NEW; END $$;
CREATE TRIGGER logs BEFORE UPDATE ON tasks FOR EACH ROW EXECUTE FUNCTION log_status();
CREATE FUNCTION plain() RETURNS text LANGUAGE sql AS $$ SELECT 'todo'::status::text $$`)
	wantRefusal(t, url, "enum-to-text", set{"type": "status"}, "would fail without the type status, which their text names: log_status(), plain()", "table.column%TYPE")
	pgtest.Exec(t, url, `
CREATE OR REPLACE FUNCTION log_status() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE s tasks.status%TYPE; BEGIN s := NEW.status; RETURN NEW; END $$;
DROP FUNCTION plain()`)
	if got := report(); !strings.Contains(got, "casts(text), is_open(bigint), log_status()") {
		t.Error(got)
	}
}
