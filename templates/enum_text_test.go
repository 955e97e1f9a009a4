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
func TestEnumToTextHoldsArraysToTheValues(t *testing.T) {
	t.Parallel()
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
	t.Parallel()
	url := pgtest.URL(t)
	pgtest.Exec(t, url, base+`
CREATE VIEW casts AS SELECT note::status AS s FROM tasks WHERE note IN ('todo');
CREATE VIEW first AS SELECT id FROM tasks WHERE status <> enum_first(status);
CREATE VIEW fine AS SELECT id FROM tasks WHERE status <> 'todo';
CREATE DOMAIN d AS text; CREATE TYPE status2 AS ENUM ('x'); CREATE VIEW other2 AS SELECT id FROM tasks WHERE status = 'todo' AND 'x'::status2 = 'x'::status2`)
	wantRefusal(t, url, "enum-to-text", set{"type": "statu"}, "did you mean status?")
	wantRefusal(t, url, "enum-to-text", set{"type": "status"}, "view public.casts, view public.first")
}

// A function's text is no dependency of the type, and would fail only when it
// is called.
func TestEnumToTextLooksIntoFunctions(t *testing.T) {
	t.Parallel()
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
	if got := report(); !strings.Contains(got, "each call fails once the type is gone: public.broken(), public.casts(text), public.is_open(bigint)") || strings.Contains(got, "COST") {
		t.Error(got)
	}
	pgtest.Exec(t, url, `
CREATE FUNCTION log_status() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE s status; BEGIN s := NEW.status; RETURN NEW; END $$;
CREATE TRIGGER logs BEFORE UPDATE ON tasks FOR EACH ROW EXECUTE FUNCTION log_status();
CREATE FUNCTION plain() RETURNS text LANGUAGE sql AS $$ SELECT 'todo'::status::text $$`)
	wantRefusal(t, url, "enum-to-text", set{"type": "status"}, "would fail without the type status, which their text names: public.log_status(), public.plain()", "table.column%TYPE")
	pgtest.Exec(t, url, `
CREATE OR REPLACE FUNCTION log_status() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE s tasks.status%TYPE; BEGIN s := NEW.status; RETURN NEW; END $$;
DROP FUNCTION plain()`)
	if got := report(); !strings.Contains(got, "public.casts(text), public.is_open(bigint), public.log_status()") {
		t.Error(got)
	}
}

// What asks for the order of values would silently mean another one.
func TestEnumToTextAndTheOrder(t *testing.T) {
	t.Parallel()
	p := params("type=status")
	r := newRig(t, base+`
CREATE VIEW v1 AS SELECT id FROM tasks WHERE status BETWEEN 'todo' AND 'in_progress'; CREATE VIEW v2 AS SELECT max(status) FROM tasks;
CREATE VIEW v3 AS SELECT min(status) OVER () FROM tasks; CREATE VIEW v4 AS SELECT greatest(status, other) FROM tasks;
CREATE MATERIALIZED VIEW m1 AS SELECT row_number() OVER (ORDER BY status DESC) FROM tasks;
CREATE VIEW v5 AS SELECT array_agg(id ORDER BY status) FROM tasks; CREATE VIEW v6 AS SELECT id FROM tasks WHERE (status, id) < ('done', 4);
CREATE VIEW v7 AS SELECT id FROM tasks WHERE status > ANY (ARRAY[other]); ALTER TABLE tasks ADD CONSTRAINT c1 CHECK (status < 'done') NOT VALID;
CREATE INDEX i1 ON tasks (id) WHERE status >= 'done'; CREATE INDEX i2 ON tasks ((status >= 'done'));
CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE TRIGGER t1 BEFORE UPDATE ON tasks FOR EACH ROW WHEN (NEW.status > OLD.status) EXECUTE FUNCTION noted();
CREATE VIEW v8 AS SELECT DISTINCT ON (note) id FROM tasks ORDER BY note, status; CREATE VIEW v9 AS SELECT id FROM tasks ORDER BY status LIMIT 3;
CREATE POLICY p1 ON tasks USING (status < 'done'); ALTER TABLE tasks ALTER note SET DEFAULT ('todo'::status < 'done')::text;
CREATE STATISTICS s1 ON id, (status < 'done') FROM tasks; CREATE RULE r1 AS ON DELETE TO tasks WHERE OLD.status < 'done' DO INSTEAD NOTHING`)
	r.refused("enum-to-text", p, "texts sort as 'done', 'in_progress', 'todo'", "array_position(ARRAY['todo', 'in_progress', 'done'], …)",
		"max() or the like: constraint c1 on table public.tasks, default value for column note of table public.tasks, index public.i1, index public.i2, materialized view public.m1, "+
			"policy p1 on table public.tasks, rule r1 on table public.tasks, statistics object public.s1, trigger t1 on table public.tasks, "+
			"view public.v1, view public.v2, view public.v3, view public.v4, view public.v5, view public.v6, view public.v7, view public.v8, view public.v9\n")

	r = newRig(t, base+`CREATE VIEW sorting AS SELECT DISTINCT status FROM tasks ORDER BY status; CREATE VIEW groups AS SELECT status, count(*) FROM tasks GROUP BY 1 UNION SELECT 'done', 1;
CREATE VIEW plain AS SELECT id FROM tasks WHERE status = 'done' AND id > 4 ORDER BY id; CREATE INDEX sorted ON tasks (status)`)
	_, in, err := r.expand("enum-to-text", p)
	if report := strings.Join(in.Report, "\n"); err != nil || !strings.Contains(report, "will sort them as texts, 'done', 'in_progress', 'todo': view public.sorting\n") {
		t.Error(err, report)
	}

	r = newRig(t, "CREATE TYPE status AS ENUM ('a', 'b'); CREATE TABLE t (s status); CREATE VIEW v AS SELECT max(s) AS s FROM t WHERE s < 'b'; INSERT INTO t VALUES ('a')")
	r.add("enum-to-text", p)
	r.goesAndReturns()
}
