package templates

import (
	"strings"
	"testing"
)

func TestEnumOnlineMerge(t *testing.T) {
	t.Parallel()
	r := newRig(t, `
CREATE TYPE status AS ENUM ('new', 'todo', 'doing', 'done', 'gone');
CREATE TABLE tasks (a int, b text, status status NOT NULL DEFAULT 'todo', past status[], PRIMARY KEY (a, b), CHECK (status <> 'done' OR a > 0));
INSERT INTO tasks SELECT g, 'x', (ARRAY['todo', 'doing', 'done'])[g % 3 + 1]::status, (ARRAY['{new,todo,NULL}', NULL, '{}', '{{todo,doing},{done,done}}'])[g % 4 + 1]::status[] FROM generate_series(1, 60) AS g;
CREATE UNIQUE INDEX one_open ON tasks (status, a, b);
CREATE VIEW open AS SELECT a FROM tasks WHERE status IN ('todo', 'doing')`)
	r.add("enum-online", params("type=status", "values=closed,open", "map=new=open,todo=open,doing=open,done=closed"))
	before := r.dump()
	r.eachRung(4)
	r.rows("SELECT status, count(*) FROM tasks GROUP BY 1 ORDER BY 1", "closed|20", "open|40")
	r.rows("SELECT past FROM tasks WHERE a = 3", "{{open,open},{closed,closed}}")
	// A write keeps the old value as long as it stands for the new one. Others
	// get the first that became it.
	r.exec("UPDATE tasks SET b = 'y' WHERE a = 1; UPDATE tasks SET status = 'closed' WHERE a = 4; UPDATE tasks SET status = 'open' WHERE a = 2; INSERT INTO tasks (a, b, status, past) VALUES (100, 'z', 'open', '{open,closed}')")
	r.rows("SELECT a, status_old, past_old FROM tasks WHERE a IN (1, 2, 4, 100) ORDER BY 1", "1|doing|", "2|new|{}", "4|done|{new,todo,NULL}", "100|new|{new,done}")
	r.exec("DELETE FROM tasks WHERE a = 100; UPDATE tasks SET b = 'x' WHERE a = 1; UPDATE tasks SET status_old = 'done', status = 'closed' WHERE a = 2; UPDATE tasks SET status = 'open', status_old = 'doing' WHERE a = 4")
	r.down(4)
	r.same("all the way down", before)
	r.up(0)
	if err := r.tryDown(1); err == nil || !strings.Contains(err.Error(), "values became one, and the old column that kept which row had which is gone") {
		t.Error(err)
	}
}

func TestEnumOnlineAddedValues(t *testing.T) {
	t.Parallel()
	// One value is new under the name of one that goes.
	r := newRig(t, tickets+`ALTER TABLE tickets ADD COLUMN past status[] DEFAULT '{done}', ADD CHECK (status <> 'cancelled' OR note IS NOT NULL)`)
	r.add("enum-online", params("type=status", "values=todo,fresh,open,doing,done,cancelled", "map=todo=open"))
	r.steppedBack()
	r.down(1)
	before := r.dump()
	r.exec("INSERT INTO tickets (id, status, past) VALUES (1001, 'fresh', '{done,fresh}'), (1002, 'todo', '{open}'), (1003, 'open', '{}')")
	r.rows("SELECT id, status_old, past_old FROM tickets WHERE id > 1000 ORDER BY 1", "1001||", "1002||{todo}", "1003|todo|{}")
	const says = "rows have values that the new type lacks: 1 of public.tickets.past are 'fresh'; 1 of public.tickets.status are 'fresh'; 1 of public.tickets.status are 'todo'"
	if err := r.tryDown(1); err == nil || !strings.Contains(err.Error(), says) {
		t.Fatal(err)
	}
	r.exec("DELETE FROM tickets WHERE id > 1000")
	r.same("after the refusal", before)
	r.down(1)
	r.rows("SELECT attname, attnotnull FROM pg_attribute WHERE attrelid = 'tickets'::regclass AND attname LIKE 'status%' ORDER BY 1", "status|true", "status_new|false")
	r.up(0)
}

// The directory's files were written for other rows.
func TestEnumOnlineChecksAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t, tickets+"UPDATE tickets SET status = 'todo' WHERE status = 'cancelled'")
	r.add("enum-online", params("type=status", "values=done,doing,todo"))
	r.exec("UPDATE tickets SET status = 'cancelled' WHERE id < 4")
	before := r.dump()
	if err := r.tryUp(1); err == nil || !strings.Contains(err.Error(), "rows have values that the new type lacks: 3 of public.tickets.status are 'cancelled'") {
		t.Fatal(err)
	}
	r.same("after the refusal", before)
	r.exec("UPDATE tickets SET status = 'done' WHERE id < 4")
	r.up(2)
	// From here on nobody can write it.
	r.exec("DO $$ BEGIN UPDATE tickets SET status = 'cancelled' WHERE id = 1; RAISE 'written'; EXCEPTION WHEN invalid_text_representation THEN NULL; END $$")
	r.up(0)
	r.rows("SELECT status, count(*) FROM tickets GROUP BY 1 ORDER BY 1", "done|52", "doing|49", "todo|99")
}

func TestEnumOnlineOddNames(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ü", 31) + "x"
	r := newRig(t, `
CREATE SCHEMA "S c";
CREATE TYPE "S c"."`+long+`" AS ENUM ('it''s', 'a "b"', E'back\\slash', E'new\nline', '🎉', 'Mixed Case', '{x,y}', '$function$', '`+strings.Repeat("z", 63)+`');
CREATE TABLE "S c"."T ""q""" ("I d" uuid PRIMARY KEY, n int, "C ol" "S c"."`+long+`" DEFAULT 'it''s', "select" "S c"."`+long+`"[]);
ALTER TABLE "S c"."T ""q""" ALTER "select" SET DEFAULT ARRAY['it''s', 'a "b"', E'back\\slash', '{x,y}', E'new\nline']::"S c"."`+long+`"[];
INSERT INTO "S c"."T ""q""" SELECT md5(l::text)::uuid, 1, l, ARRAY[l, NULL, 'a "b"']::"S c"."`+long+`"[] FROM unnest(enum_range(NULL::"S c"."`+long+`")) AS l;
CREATE VIEW "S c"."V" AS SELECT "C ol" = 'a "b"' AS a, "select" = ARRAY['{x,y}', E'back\\slash']::"S c"."`+long+`"[] AS b, "select" @> E'{"back\\\\slash","a \\"b\\""}' AS c FROM "S c"."T ""q""";
ALTER TABLE "S c"."T ""q""" ADD CONSTRAINT "odd ""one" CHECK ("C ol" <> E'new\nline' OR "select" IS NOT NULL);
CREATE INDEX "I x" ON "S c"."T ""q""" ("C ol") WHERE "C ol" IN ('it''s', E'new\nline')`)
	r.url = option(t, r.url, "search_path", "pg_catalog")
	r.add("enum-online", set{
		"type":   `"S c"."` + long + `"`,
		"map":    `'a "b"'='it''s','it''s'='a "b"',back\slash=/,🎉='$$ 🎈',Mixed Case='x = "y", ''z'''`,
		"values": "'it''s','a \"b\"',/,'$$ 🎈','x = \"y\", ''z''','{x,y}',$function$," + strings.Repeat("z", 63) + ",'new\nline'",
	})
	before := r.dump()
	r.steppedBack()
	r.rows(`SELECT string_agg("C ol"::text, '|' ORDER BY "C ol") FROM "S c"."T ""q"""`, "it's|a \"b\"|/|$$ 🎈|x = \"y\", 'z'|{x,y}|$function$|"+strings.Repeat("z", 63)+"|new\nline")
	r.down(5)
	r.same("all the way down", before)
}
