package templates

import (
	"strings"
	"testing"

	"rung/internal/pgtest"
)

// ALTER PROCEDURE has no COST.
func TestEnumTouchesProcedures(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"enum-swap", "enum-online", "enum-to-text"} {
		t.Run(name, func(t *testing.T) {
			url := pgtest.URL(t)
			pgtest.Exec(t, url, tasks+`
CREATE PROCEDURE finish() LANGUAGE plpgsql AS $$ BEGIN UPDATE tasks SET status = 'done'; END $$;
CREATE PROCEDURE guarded(n int) LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN UPDATE tasks SET status = 'done' WHERE id = n; END $$`)
			p := set{"type": "status"}
			if name != "enum-to-text" {
				p["values"] = "done,in_progress,todo"
			}
			files := mustExpand(t, url, name, p)
			mustUp(t, url, files)
			pgtest.Exec(t, url, "CALL finish(); CALL guarded(1)")
		})
	}
}

// planned is what open sessions plan by way of a view, a partition or a child,
// and what only looks as if: the type's name is part of a longer word there.
const planned = `
CREATE TYPE st AS ENUM ('todo', 'doing', 'done');
CREATE TABLE tasks (id int PRIMARY KEY, s st); INSERT INTO tasks VALUES (1, 'todo');
CREATE VIEW live AS SELECT id, s FROM tasks WHERE s <> 'done';
CREATE TABLE log (d int, s st, n text) PARTITION BY LIST (d); CREATE TABLE log_1 PARTITION OF log FOR VALUES IN (1);
CREATE TABLE parent (s st, n text); CREATE TABLE child () INHERITS (parent);
CREATE FUNCTION first_live() RETURNS text LANGUAGE plpgsql AS $$ DECLARE r record; BEGIN FOR r IN SELECT * FROM LIVE LOOP IF r.s = 'todo' THEN RETURN r.id; END IF; END LOOP; RETURN NULL; END $$;
CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.n := NEW.s; RETURN NEW; END $$;
CREATE TRIGGER own BEFORE INSERT ON log_1 FOR EACH ROW EXECUTE FUNCTION noted();
CREATE FUNCTION noted_too() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.n := NEW.s; RETURN NEW; END $$;
CREATE TRIGGER own BEFORE INSERT ON child FOR EACH ROW EXECUTE FUNCTION noted_too();
CREATE FUNCTION all_tasks() RETURNS SETOF tasks LANGUAGE sql AS 'TABLE tasks';
CREATE FUNCTION first_one() RETURNS text LANGUAGE plpgsql AS $$ DECLARE r record; BEGIN FOR r IN SELECT * FROM all_tasks() LOOP RETURN r.s; END LOOP; END $$;
CREATE VIEW whole AS SELECT t FROM tasks AS t;
CREATE FUNCTION first_whole() RETURNS text LANGUAGE plpgsql AS $$ DECLARE r record; BEGIN FOR r IN SELECT * FROM whole LOOP IF (r.t).s = 'todo' THEN RETURN 'x'; END IF; END LOOP; RETURN NULL; END $$;
CREATE FUNCTION its(tasks) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN ($1).s; END $$;
CREATE FUNCTION apart() RETURNS text LANGUAGE plpgsql AS $$ DECLARE st_1 text := 'first'; BEGIN RETURN st_1 || 'stasis'; END $$`

func TestEnumSwapOpenSessionOfWhatHangsThere(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	pgtest.Exec(t, url, planned)
	var use []func()
	for _, q := range []string{"SELECT first_live()", "INSERT INTO log VALUES (1, 'todo')", "INSERT INTO child VALUES ('todo')", "SELECT first_one()", "SELECT first_whole()", "SELECT its(t) FROM tasks AS t"} {
		use = append(use, openSession(t, url, q))
	}
	files := mustExpand(t, url, "enum-swap", set{"type": "st", "values": "done,doing,todo"})
	if strings.Contains(files[0].Up, "apart()") {
		t.Error(files[0].Up)
	}
	for _, climb := range []func(*testing.T, string, []File){nil, mustUp, mustDown} {
		if climb != nil {
			climb(t, url, files)
		}
		for _, f := range use {
			f()
		}
	}
}
