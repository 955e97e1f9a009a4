package templates

import (
	"fmt"
	"strings"
	"testing"

	"rung/internal/pgtest"
)

func TestEnumRetire(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	pgtest.Exec(t, url, `
CREATE SCHEMA "S c";
CREATE TYPE "S c"."St" AS ENUM ('new', 'open', 'half', 'it''s off', 'closed');
CREATE TABLE "S c"."T s" ("K 1" int, k2 uuid DEFAULT gen_random_uuid(), "St" "S c"."St" DEFAULT 'it''s off', PRIMARY KEY ("K 1", k2));
CREATE TABLE parted (id int PRIMARY KEY, s "S c"."St") PARTITION BY RANGE (id);
CREATE TABLE parted_a PARTITION OF parted FOR VALUES FROM (0) TO (100);
CREATE TABLE parted_b PARTITION OF parted DEFAULT;
CREATE TABLE none (id uuid PRIMARY KEY, s "S c"."St" NOT NULL);
INSERT INTO "S c"."T s" SELECT n, gen_random_uuid(), (enum_range(NULL::"S c"."St") || NULL::"S c"."St")[n % 6 + 1] FROM generate_series(1, 600) AS n;
INSERT INTO parted SELECT n, (enum_range(NULL::"S c"."St"))[n % 5 + 1] FROM generate_series(1, 500) AS n`)
	before := pgtest.Dump(t, url)
	files := mustExpand(t, url, "enum", set{"type": `"S c"."St"`, "map": "'it''s off'=closed,half=open", "values": "new,open,closed", "strategy": "enum-retire"})
	if len(files) != 2 {
		t.Fatal(texts(files))
	}
	mustUp(t, url, files[:1])
	if got := pgtest.QueryString(t, url, `SELECT count(*) FILTER (WHERE "St" IN ('half', 'it''s off')), count(*) FILTER (WHERE "St" = 'closed'), count(*) FILTER (WHERE "St" IS NULL) FROM "S c"."T s"`); got != "0|200|100" {
		t.Error(got, texts(files))
	}
	pgtest.Exec(t, url, `INSERT INTO parted VALUES (1000, 'half'), (1001, 'new')`) // an old program
	if got := pgtest.QueryString(t, url, `SELECT s FROM parted WHERE id = 1000`); got != "open" {
		t.Error(got)
	}
	pgtest.Exec(t, url, `DELETE FROM parted WHERE id > 999; DELETE FROM parted_s_before WHERE id > 999`)
	mustDown(t, url, files[:1])
	sameDump(t, "down", before, pgtest.Dump(t, url))
	mustUp(t, url, files[:1])
	if _, err := ladder(t, url, files).Up(t.Context(), upAll); err != nil {
		t.Fatal(err, texts(files))
	}
	if left := pgtest.QueryStrings(t, url, "SELECT relname FROM pg_class WHERE relname LIKE '%before%' UNION SELECT tgname FROM pg_trigger JOIN pg_class AS c ON c.oid = tgrelid WHERE NOT tgisinternal AND relnamespace <> 'rung'::regnamespace"); len(left) > 0 {
		t.Error(left)
	}
}

func TestEnumRetireRefuses(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	pgtest.Exec(t, url, base+`CREATE TYPE lone AS ENUM ('a', 'b'); CREATE TYPE inh AS ENUM ('a', 'b'); CREATE TABLE p (id int PRIMARY KEY, i inh); CREATE TABLE c () INHERITS (p);
CREATE TYPE arr AS ENUM ('a', 'b'); CREATE TABLE a (id int PRIMARY KEY, i arr[])`)
	wantRefusal(t, url, "enum-retire", set{"type": "status", "map": "done=todo"}, "public.empty has no primary key")
	wantRefusal(t, url, "enum-retire", set{"type": "status", "map": "done=over"}, "'over' is not a value that stays")
	wantRefusal(t, url, "enum-retire", set{"type": "status", "map": "done=todo", "values": "in_progress,todo"}, "order")
	wantRefusal(t, url, "enum-retire", set{"type": "status", "map": "", "values": "todo,in_progress"}, "with map")
	wantRefusal(t, url, "enum-retire", set{"type": "lone", "map": "a=b"}, "no table has the type")
	wantRefusal(t, url, "enum-retire", set{"type": "inh", "map": "a=b"}, "not inherited", "public.c")
	wantRefusal(t, url, "enum-retire", set{"type": "arr", "map": "a=b"}, "array")
}

// A trigger of the table's own may be what writes the value.
func TestEnumRetireComesLast(t *testing.T) {
	t.Parallel()
	r := newRig(t, tasks+`
CREATE FUNCTION finish() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.status := 'done'; RETURN NEW; END $$;
CREATE TRIGGER "with care" BEFORE UPDATE ON tasks FOR EACH ROW WHEN (NEW.id < 0) EXECUTE FUNCTION finish()`)
	r.add("enum-retire", params("type=status", "map=done=in_progress"))
	r.up(1)
	r.exec("INSERT INTO tasks (id, status) VALUES (-1, 'todo'); UPDATE tasks SET status = 'todo' WHERE id = -1")
	r.rows("SELECT status FROM tasks WHERE id = -1", "in_progress")
	r.up(0)
}

// What an earlier retirement left in place does not stop the next one.
func TestEnumRetireAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t, tasks)
	r.add("enum-retire", params("type=status", "map=done=in_progress"))
	r.up(0)
	before := r.dump()
	r.add("enum-retire", params("type=status", "map=todo=in_progress"))
	r.up(1)
	r.rows("SELECT DISTINCT status FROM tasks WHERE status IS NOT NULL", "in_progress")
	r.down(1)
	r.same("down", before)
	r.up(0)
	r.rows("SELECT conname FROM pg_constraint WHERE conname LIKE '%live%' ORDER BY 1", "tasks_status_live", "tasks_status_live2")
}

// A program goes on writing the old value: no statement of it fails, and at the
// end no row has the value. The note says what each row is meant to have.
func TestEnumRetireLive(t *testing.T) {
	live(t, func() *watch {
		r := newRig(t, tasks+fmt.Sprintf(`
ALTER TABLE tasks ADD note text;
UPDATE tasks SET note = status;
INSERT INTO tasks SELECT n, 'done', 'done' FROM generate_series(1000, %d) AS n;
CREATE SEQUENCE ids START 10000000`, *liveRows))
		before := r.objects()
		r.add("enum-retire", params("type=status", "map=done=in_progress"))
		w := startWatch(t, r.url)
		l := startLoad(t, r.url, *liveRows,
			"INSERT INTO tasks SELECT nextval('ids'), s, s FROM (VALUES ('done'::status), ('todo')) AS x (s) WHERE $1 > 0",
			"UPDATE tasks SET status = 'done', note = 'done' WHERE id = $1",
			"UPDATE tasks SET status = 'todo', note = 'todo' WHERE id = $1 AND id % 5 = 0",
			"DELETE FROM tasks WHERE id = $1 AND id % 7 = 0")
		r.up(1)
		l.finish()
		l = startLoad(t, r.url, *liveRows, "UPDATE tasks SET status = 'todo', note = 'todo' WHERE id = $1")
		r.up(0)
		l.finish()
		r.rows("SELECT count(*) FROM tasks WHERE status::text IS DISTINCT FROM CASE note WHEN 'done' THEN 'in_progress' ELSE note END", "0")
		r.became(before, "+constraint tasks_status_live of tasks CHECK ((status <> 'done'::status))")
		return w
	})
}

// What the head says of the down migration.
func TestEnumRetireCannotTell(t *testing.T) {
	t.Parallel()
	r := newRig(t, tasks+"INSERT INTO tasks (id, status) VALUES (-1, 'todo'), (-2, 'in_progress')")
	r.add("enum-retire", params("type=status", "map=done=in_progress"))
	r.up(1)
	r.exec("UPDATE tasks SET status = 'done' WHERE id = -1; UPDATE tasks SET status = 'todo' WHERE id = -1; UPDATE tasks SET status = 'in_progress' WHERE id = -1")
	r.exec("INSERT INTO tasks (id, status) VALUES (-2, 'done') ON CONFLICT DO NOTHING")
	r.down(1)
	r.rows("SELECT id, status FROM tasks WHERE id < 0 ORDER BY 1", "-2|done", "-1|done")
}

// What would refuse the new value is found before the trigger is there, of
// which every live write would fail.
func TestEnumRetireRowsPass(t *testing.T) {
	t.Parallel()
	p := params("type=status", "map=done=in_progress")
	for what, c := range map[string]struct{ setup, row, fix, says string }{
		"a CHECK": {
			"ALTER TABLE tasks ADD at date, ADD CONSTRAINT started CHECK (status <> 'in_progress' OR at IS NOT NULL) NOT VALID", "(9, 'done', NULL)", "UPDATE tasks SET at = '2020-01-01'",
			"1 rows for CHECK started of public.tasks, such as id = 9",
		},
		"a unique index": {
			"ALTER TABLE tasks ADD who int; CREATE UNIQUE INDEX one ON tasks (who) WHERE status = 'in_progress'; UPDATE tasks SET who = id; INSERT INTO tasks VALUES (8, 'in_progress', 7)", "(9, 'done', 7)", "UPDATE tasks SET who = id",
			"1 keys twice in unique index public.one",
		},
		"a UNIQUE with the status": {
			"ALTER TABLE tasks ADD who int DEFAULT 7; UPDATE tasks SET who = id; ALTER TABLE tasks ADD UNIQUE (status, who); INSERT INTO tasks VALUES (8, 'in_progress', 7)", "(9, 'done', 7)", "UPDATE tasks SET who = id",
			"1 keys twice in unique index public.tasks_status_who_key",
		},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, tasks+"DELETE FROM tasks WHERE id = 2;"+c.setup)
			r.exec("DELETE FROM tasks WHERE status = 'done'")
			r.add("enum-retire", p)
			r.exec("INSERT INTO tasks VALUES " + c.row)
			r.refused("enum-retire", p, c.says)
			before := r.dump()
			if err := r.tryUp(1); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Fatal(err)
			}
			r.same("after the refusal", before)
			r.exec(c.fix)
			before = r.dump()
			r.up(1)
			r.down(1)
			r.same("down", before)
		})
	}
}

func TestEnumRetireRefusesWhatItCannotTest(t *testing.T) {
	t.Parallel()
	r := newRig(t, `CREATE TYPE status AS ENUM ('todo', 'done', 'over');
CREATE TABLE kinds (id int PRIMARY KEY); CREATE FUNCTION worked_out() RETURNS status LANGUAGE sql AS $$ SELECT 'done'::status $$;
CREATE TABLE tasks (id int PRIMARY KEY, n int, status status DEFAULT 'todo') PARTITION BY RANGE (id);
CREATE TABLE low PARTITION OF tasks FOR VALUES FROM (0) TO (10) PARTITION BY RANGE (id); CREATE TABLE lowest PARTITION OF low DEFAULT`)
	p := params("type=status", "map=done=over")
	for _, c := range []struct{ make, unmake, says string }{
		{"ALTER TABLE lowest ADD CONSTRAINT no_over CHECK (status <> 'over')", "ALTER TABLE lowest DROP CONSTRAINT no_over", "CHECK no_over of public.lowest refuses 'over', which would take the place of 'done'"},
		{"ALTER TABLE lowest ADD CONSTRAINT whole CHECK (lowest IS NOT NULL)", "ALTER TABLE lowest DROP CONSTRAINT whole", "CHECK whole of public.lowest"},
		{"ALTER TABLE lowest ADD CONSTRAINT apart EXCLUDE (n WITH =) WHERE (status = 'over')", "ALTER TABLE lowest DROP CONSTRAINT apart", "exclusion constraint public.apart"},
		{"ALTER TABLE tasks ADD open boolean GENERATED ALWAYS AS (status <> 'over') STORED, ADD CONSTRAINT opened CHECK (open OR n > 0)", "ALTER TABLE tasks DROP open", "CHECK opened of public.tasks"},
		{"ALTER TABLE lowest ALTER status SET DEFAULT 'done'", "ALTER TABLE lowest ALTER status SET DEFAULT 'todo'", "the default of public.lowest.status differs from that of public.tasks"},
		{"ALTER TABLE tasks ALTER status SET DEFAULT coalesce(nullif(current_setting('app.s', true), '')::status, 'done')", "ALTER TABLE tasks ALTER status SET DEFAULT 'todo'", "the default of public.tasks.status is worked out, and may be 'done': COALESCE"},
		{"ALTER TABLE tasks ALTER status SET DEFAULT worked_out()", "ALTER TABLE tasks ALTER status SET DEFAULT 'todo'", "is worked out"},
		{"CREATE TABLE names (status status UNIQUE); ALTER TABLE tasks ADD FOREIGN KEY (status) REFERENCES names (status)", "DROP TABLE names CASCADE", "no primary key"},
	} {
		r.exec(c.make)
		r.refused("enum-retire", p, c.says)
		r.exec(c.unmake)
	}
	r.exec("CREATE TABLE names (id int PRIMARY KEY, status status UNIQUE); ALTER TABLE tasks ADD CONSTRAINT named FOREIGN KEY (status) REFERENCES names (status)")
	r.refused("enum-retire", p, "foreign key named of public.tasks")
	r.exec("DROP TABLE names CASCADE; ALTER TABLE tasks ALTER status SET DEFAULT 'done'; INSERT INTO tasks (id) VALUES (1)")
	r.add("enum-retire", p)
	before := r.dump()
	r.up(1)
	r.rows("SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef JOIN pg_attribute ON attrelid = adrelid AND attnum = adnum WHERE attname = 'status'", "'over'::status", "'over'::status", "'over'::status")
	r.down(1)
	r.same("down", before)
}

// A subscription fires no plain trigger, and the CHECK would refuse what it writes.
func TestEnumRetireFromASubscription(t *testing.T) {
	t.Parallel()
	r := newRig(t, tasks+`
CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER noting AFTER UPDATE ON tasks FOR EACH ROW EXECUTE FUNCTION noted(); CREATE TRIGGER other AFTER UPDATE OF id ON tasks FOR EACH ROW EXECUTE FUNCTION noted()`)
	_, in, err := r.expand("enum-retire", params("type=status", "map=done=in_progress"))
	if report := strings.Join(in.Report, "\n"); err != nil || !strings.Contains(report, "fires triggers of the table, for each row that is changed: noting of public.tasks\n") {
		t.Error(err, report)
	}
	r.add("enum-retire", params("type=status", "map=done=in_progress"))
	r.up(1)
	r.exec("SET session_replication_role = replica; INSERT INTO tasks VALUES (9, 'done')")
	r.rows("SELECT status FROM tasks WHERE id = 9", "in_progress")
}

// The down migration is there wherever the way forth ended.
func TestEnumRetireComesBackHalfway(t *testing.T) {
	t.Parallel()
	r := newRig(t, tasks+`CREATE TABLE after_tasks (id int PRIMARY KEY, status status, n int);
CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$; CREATE TRIGGER stopped BEFORE UPDATE ON after_tasks FOR EACH ROW EXECUTE FUNCTION no();
INSERT INTO after_tasks VALUES (1, 'done')`)
	r.add("enum-retire", params("type=status", "map=done=in_progress"))
	r.exec("CREATE TABLE after_tasks_status_before ()") // in the way of the second table
	before := r.dump()
	if err := r.tryUp(1); err == nil {
		t.Fatal("nothing disturbed it")
	}
	r.exec("DROP TABLE after_tasks_status_before")
	r.down(1)
	r.exec("CREATE TABLE after_tasks_status_before ()")
	r.same("down before the second table", before)
	r.exec("DROP TABLE after_tasks_status_before")
	before = r.dump()
	if err := r.tryUp(1); err == nil {
		t.Fatal("nothing disturbed it")
	}
	r.down(1)
	r.same("down from the batch", before)
}

// A value may hold what ends a function's body.
func TestEnumRetireQuotes(t *testing.T) {
	t.Parallel()
	r := newRig(t, `CREATE TYPE status AS ENUM ('$function$;', 'a\b', 'c'); CREATE TABLE tasks (id int PRIMARY KEY, status status DEFAULT 'a\b'); INSERT INTO tasks SELECT g, (enum_range(NULL::status))[g] FROM generate_series(1, 3) AS g`)
	r.add("enum-retire", params("type=status", `map=a\b=$function$;`))
	before := r.dump()
	r.up(1)
	r.exec("INSERT INTO tasks VALUES (9)")
	r.rows("SELECT status FROM tasks ORDER BY id", "$function$;", "$function$;", "c", "$function$;")
	r.exec("DELETE FROM tasks WHERE id = 9; DELETE FROM tasks_status_before WHERE id = 9")
	r.down(1)
	r.same("down", before)
}

// What no row of today tells is said.
func TestEnumRetireSaysWhatMayRefuse(t *testing.T) {
	t.Parallel()
	r := newRig(t, tasks+`ALTER TABLE tasks ADD n int, ADD CONSTRAINT c CHECK (status <> 'in_progress' OR n > 0) NOT VALID; CREATE UNIQUE INDEX u ON tasks (n, status); CREATE UNIQUE INDEX safe ON tasks (status, id);
CREATE POLICY p ON tasks WITH CHECK (status <> 'in_progress'); CREATE POLICY reads ON tasks FOR SELECT USING (status <> 'in_progress');
CREATE VIEW v AS SELECT * FROM tasks WHERE status <> 'in_progress' WITH CHECK OPTION; CREATE VIEW w AS SELECT * FROM tasks WHERE status <> 'in_progress'; DELETE FROM tasks WHERE status IS NOT NULL`)
	_, in, err := r.expand("enum-retire", params("type=status", "map=done=in_progress"))
	want := "public.tasks.status: from the first file on, 'in_progress' is written instead of 'done'; these may refuse such a row: CHECK c of public.tasks, policy p of public.tasks, unique index public.u, view public.v WITH CHECK OPTION\n"
	if report := strings.Join(in.Report, "\n"); err != nil || !strings.Contains(report, want) {
		t.Error(err, report)
	}
}

// Values of the type that are in no column of it, a trigger that a partition
// alone has, and a key with a collation.
func TestEnumRetireOddTables(t *testing.T) {
	t.Parallel()
	r := newRig(t, tasks+"CREATE DOMAIN dom AS status; CREATE TYPE pair AS (s status[])")
	p := params("type=status", "map=done=in_progress")
	r.refused("enum-retire", p, "composite type public.pair, type public.dom")
	r = newRig(t, `CREATE TYPE status AS ENUM ('todo', 'in_progress', 'done'); CREATE TABLE parted (k text COLLATE "C", id int, s status, PRIMARY KEY (id, k)) PARTITION BY RANGE (id); CREATE TABLE part PARTITION OF parted DEFAULT;
CREATE FUNCTION finish() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.s := 'done'; RETURN NEW; END $$; CREATE TRIGGER "with care" BEFORE INSERT ON part FOR EACH ROW EXECUTE FUNCTION finish(); INSERT INTO parted VALUES ('B', 1), ('a', 1)`)
	before := r.dump()
	r.add("enum-retire", p)
	r.up(1)
	r.exec("INSERT INTO parted VALUES ('c', 2)")
	r.rows("SELECT DISTINCT s FROM parted", "in_progress")
	r.exec("DELETE FROM parted WHERE id = 2; DELETE FROM parted_s_before WHERE id = 2")
	r.down(1)
	r.same("down", before)
}
