package templates

import (
	"slices"
	"strings"
	"testing"

	"rung/internal/pgtest"
	"rung/internal/pgtext"
)

func TestTextToEnum(t *testing.T) {
	t.Parallel()
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
			if got := pgtest.QueryStrings(t, url, `SELECT id, `+pgtext.Ident(c.p["column"])+` FROM `+c.p["table"]+` ORDER BY id`); !slices.Equal(got, c.want) {
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
	t.Parallel()
	url := pgtest.URL(t)
	pgtest.Exec(t, url, `
CREATE TABLE t (id int, plain text, n int, used text, def text DEFAULT lower('X'), def2 text DEFAULT 'zzz', called text, other text, tied text);
INSERT INTO t VALUES (1, 'a', 1, 'x'), (2, 'b', 1, 'y'); CREATE TABLE keys (k text PRIMARY KEY); ALTER TABLE t ADD FOREIGN KEY (tied) REFERENCES keys;
CREATE VIEW v AS SELECT used FROM t; CREATE VIEW shouted AS SELECT used FROM v WHERE used < 'b'; CREATE VIEW odd AS SELECT id FROM t WHERE other = 'c';
CREATE FUNCTION f(t text) RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM t WHERE called = f.t; END; CREATE INDEX lowered ON t (lower(used)); CREATE INDEX patterns ON t (used text_pattern_ops);
ALTER TABLE t ADD CONSTRAINT pair CHECK (used <> plain OR n > 0);
CREATE TYPE e AS ENUM ('a'); CREATE TABLE none (c text); CREATE TABLE p (k text) PARTITION BY LIST (k)`)
	to := func(table, column, typ, values, mapping string) set {
		return set{"table": table, "column": column, "type": typ, "values": values, "map": mapping}
	}
	wantRefusal(t, url, "text-to-enum", to("tt", "plain", "x", "", ""), "did you mean t?")
	wantRefusal(t, url, "text-to-enum", to("t", "n", "x", "", ""), "integer, not text")
	wantRefusal(t, url, "text-to-enum", to("t", "used", "x", "", ""), "constraint pair of public.t", "index public.lowered", "index public.patterns", "view public.shouted", "operator does not exist")
	wantRefusal(t, url, "text-to-enum", to("t", "called", "x", "a", ""), "function public.f(text)", "in one after")
	wantRefusal(t, url, "text-to-enum", to("t", "other", "x", "a", ""), "view public.odd (invalid input value for enum")
	wantRefusal(t, url, "text-to-enum", to("t", "tied", "x", "a", ""), "constraint t_tied_fkey")
	wantRefusal(t, url, "text-to-enum", to("t", "def", "x", "x", ""), "not a plain text")
	wantRefusal(t, url, "text-to-enum", to("t", "def2", "x", "a", ""), "'zzz'", "not an enum value")
	wantRefusal(t, url, "text-to-enum", to("p", "k", "x", "a", ""), "partition key of table p")
	wantRefusal(t, url, "text-to-enum", to("none", "c", "x", "", ""), "no row tells")
	pgtest.Exec(t, url, "ALTER TABLE t DROP CONSTRAINT pair")
	wantRefusal(t, url, "text-to-enum", to("t", "plain", "x", "a,c", ""), "not an enum value: 'b'", "by map")
	wantRefusal(t, url, "text-to-enum", to("t", "plain", "e", "a,c", ""), "type e exists, with the values 'a'")
	files := mustExpand(t, url, "text-to-enum", to("t", "plain", "x", "a,b", ""))
	pgtest.Exec(t, url, "INSERT INTO t VALUES (3, 'late')")
	if _, err := ladder(t, url, files).Up(t.Context(), upAll); err == nil || !strings.Contains(err.Error(), "texts that are not an enum value: 1 rows have 'late'") {
		t.Error(err)
	}
	pgtest.Exec(t, url, "DELETE FROM t WHERE id = 3")
	if left := pgtest.QueryStrings(t, url, "SELECT typname FROM pg_type WHERE typtype = 'e'"); !slices.Equal(left, []string{"e"}) {
		t.Error("the trial left ", left)
	}
	merged := mustExpand(t, url, "text-to-enum", to("t", "plain", "x", "a", "b=a"))
	if !strings.Contains(merged[0].Down, "-- rung:irreversible several texts became one enum value") {
		t.Error(merged[0].Down)
	}
	mustUp(t, url, merged)
}

// Whoever applies the file may have another search_path.
func TestTextToEnumNamesItsTableInFull(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	pgtest.Exec(t, url, "CREATE TABLE t (id int PRIMARY KEY, s text DEFAULT 'a'); CREATE SCHEMA app")
	files := mustExpand(t, url, "text-to-enum", set{"table": "t", "column": "s", "type": "e", "values": "a,b", "map": "A=a"})
	pgtest.Exec(t, url, "CREATE TABLE app.t (id int PRIMARY KEY, s text); ALTER DATABASE "+pgtest.QueryString(t, url, "SELECT quote_ident(current_database())")+" SET search_path = app, public")
	mustUp(t, url, files)
	column := "SELECT table_schema, udt_name FROM information_schema.columns WHERE table_name = 't' AND column_name = 's' ORDER BY 1"
	if got := pgtest.QueryStrings(t, url, column); !slices.Equal(got, []string{"app|text", "public|e"}) {
		t.Errorf("%q\n%s", got, texts(files))
	}
	mustDown(t, url, files)
	if got := pgtest.QueryStrings(t, url, column); !slices.Equal(got, []string{"app|text", "public|text"}) {
		t.Errorf("%q", got)
	}
}

// A CHECK that says more than the values do is not dropped in passing.
func TestTextToEnumAndItsChecks(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	pgtest.Exec(t, url, `CREATE TABLE t (id int PRIMARY KEY, live text CHECK (live <> 'old'), nn text CONSTRAINT nn CHECK (nn IS NOT NULL), chain text CHECK (chain NOT IN ('b', 'c')), kept text NOT NULL CHECK (kept IS NOT NULL AND kept <> 'x' AND length(kept) < 9))`)
	wantRefusal(t, url, "text-to-enum", set{"table": "t", "column": "live", "type": "e", "values": "new,old"}, "CHECK t_live_check", "'old'")
	wantRefusal(t, url, "text-to-enum", set{"table": "t", "column": "nn", "type": "e", "values": "new,old"}, "CHECK nn", "NULL")
	for range 10 { // in whatever order the map is gone through
		wantRefusal(t, url, "text-to-enum", set{"table": "t", "column": "chain", "type": "e", "values": "b,c", "map": "a=b,b=c"}, "CHECK t_chain_check", "'c'")
	}
	before := pgtest.Dump(t, url)
	for _, p := range []set{{"table": "t", "column": "kept", "type": "e", "values": "new,old"}, {"table": "t", "column": "live", "type": "f", "values": "new", "map": "fresh=new"}} {
		files := mustExpand(t, url, "text-to-enum", p)
		mustUp(t, url, files)
		mustDown(t, url, files)
		sameDump(t, p["column"], before, pgtest.Dump(t, url))
	}
}

// The rows that come later may have a value as their text already, beside the
// texts that become it.
func TestTextToEnumMergesIntoAValue(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	pgtest.Exec(t, url, `CREATE TABLE t (id int PRIMARY KEY, s text)`)
	files := mustExpand(t, url, "text-to-enum", set{"table": "t", "column": "s", "type": "e", "values": "todo,done", "map": "DONE=done"})
	pgtest.Exec(t, url, `INSERT INTO t VALUES (1, 'todo'), (2, 'done'), (3, 'DONE'), (4, 'done')`)
	mustUp(t, url, files)
	mustDown(t, url, files)
	if got := pgtest.QueryStrings(t, url, "SELECT s FROM t ORDER BY id"); !slices.Equal(got, []string{"todo", "done", "DONE", "done"}) {
		t.Errorf("%q\n%s", got, texts(files))
	}
}

// What compares the column with texts compares it with enum values then, and after
// the down migration all is as it was.
func TestTextToEnumRebuilds(t *testing.T) {
	for _, kind := range []string{"text", "varchar(20)", "char(12)"} {
		t.Run(kind, func(t *testing.T) {
			url := pgtest.URL(t)
			dropRoles(t, url)
			pgtest.Exec(t, url, "CREATE ROLE reader; CREATE TABLE tasks (id int PRIMARY KEY, note text, status "+kind+` NOT NULL DEFAULT 'todo', UNIQUE (status, id)) PARTITION BY RANGE (id);
CREATE TABLE tasks_low PARTITION OF tasks FOR VALUES FROM (0) TO (10); CREATE TABLE tasks_high PARTITION OF tasks DEFAULT;
INSERT INTO tasks SELECT n, 'todo', (ARRAY['todo', 'in work', 'it''s done'])[n % 3 + 1] FROM generate_series(1, 30) AS n;
CREATE INDEX open ON tasks (id) WHERE status = 'todo'; COMMENT ON INDEX open IS 'what is open';
CREATE INDEX low ON tasks_low (status, id) WHERE status <> 'todo' AND note <> 'todo';
CREATE INDEX two ON tasks ((status = 'todo'), id);
CREATE INDEX ranked ON tasks ((CASE status WHEN 'it''s done' THEN 1 WHEN 'in work' THEN id ELSE -2 END)); CREATE INDEX worded ON tasks ((CASE status WHEN 'todo' THEN 'todo'::text ELSE note END));
ALTER TABLE tasks ADD CHECK (id > 0 OR status IN ('todo', 'it''s done')), ADD CHECK (status NOT IN ('y'));
CREATE STATISTICS st ON id, (status = 'todo') FROM tasks;
CREATE VIEW plain AS SELECT id, status AS s, note FROM tasks;
CREATE VIEW more AS SELECT p.id, p.s, t.status FROM plain AS p JOIN tasks AS t USING (id) WHERE t.status IN ('todo', 'in work') AND t.note = 'todo';
COMMENT ON VIEW more IS 'two deep'; GRANT SELECT ON more TO reader;
CREATE MATERIALIZED VIEW m AS SELECT status, count(*) AS n FROM tasks GROUP BY status; CREATE UNIQUE INDEX mi ON m (status); CREATE INDEX mi2 ON m (n) WHERE status = 'todo';
CREATE TABLE log (s text);
CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO log VALUES (new.status); RETURN new; END $$;
CREATE TRIGGER done AFTER UPDATE OF status ON tasks FOR EACH ROW WHEN (new.status = 'it''s done' AND old.status IS DISTINCT FROM new.status) EXECUTE FUNCTION noted();
ALTER TABLE tasks ENABLE ROW LEVEL SECURITY;
CREATE POLICY mine ON tasks FOR SELECT TO reader USING (status = ANY (ARRAY['todo', 'in work']) OR note = 'x');
ALTER TABLE tasks ADD COLUMN is_open boolean GENERATED ALWAYS AS (status <> 'it''s done') STORED; CREATE INDEX on_open ON tasks (is_open)`)
			before := pgtest.Dump(t, url)
			files, in, err := expand(t, url, "text-to-enum", set{"table": "tasks", "column": "status", "type": "status", "values": "x,todo,doing,done", "map": "in work=doing,'it''s done'=done"})
			if err != nil {
				t.Fatal(err)
			}
			mustUp(t, url, files)
			if got := pgtest.QueryStrings(t, url, "SELECT status, count(*), bool_and(is_open) FROM tasks GROUP BY 1 ORDER BY 1"); !slices.Equal(got, []string{"todo|10|true", "doing|10|true", "done|10|false"}) {
				t.Errorf("%q", got)
			}
			pgtest.Exec(t, url, "UPDATE tasks SET status = 'done' WHERE id = 3; REFRESH MATERIALIZED VIEW m")
			if got := pgtest.QueryString(t, url, "SELECT s FROM log"); got != "done" {
				t.Error(got)
			}
			if up := pgtest.Dump(t, url); byPgDump(up) && (!strings.Contains(up, "(status = 'todo'::public.status)") || !strings.Contains(up, "(note <> 'todo'::text)") || strings.Contains(up, "(status)::text")) {
				t.Error(up)
			}
			pgtest.Exec(t, url, "UPDATE tasks SET status = 'todo' WHERE id = 3; TRUNCATE log; REFRESH MATERIALIZED VIEW m")
			mustDown(t, url, files)
			sameDump(t, kind, before, pgtest.Dump(t, url))
			if report := strings.Join(in.Report, "\n"); !strings.Contains(report, "dropped and made again") {
				t.Error(report)
			}
			if t.Failed() {
				t.Log(texts(files))
			}
		})
	}
}

// Texts that become one value come back exactly, but for those that changed since.
func TestTextToEnumMerges(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	pgtest.Exec(t, url, `CREATE TABLE t (id int PRIMARY KEY, c varchar(9)); INSERT INTO t VALUES (1, 'Done'), (2, 'done'), (3, 'todo'), (4, 'DONE'), (5, NULL);
CREATE VIEW v AS SELECT id FROM t WHERE c IN ('done', 'todo')`)
	before := pgtest.Dump(t, url)
	files := mustExpand(t, url, "text-to-enum", set{"table": "t", "column": "c", "type": "e", "values": "todo,done", "map": "Done=done,DONE=done"})
	mustUp(t, url, files)
	if got := pgtest.QueryString(t, url, "SELECT string_agg(c::text, ' ' ORDER BY id) FROM t"); got != "done done todo done" {
		t.Error(got)
	}
	mustDown(t, url, files)
	sameDump(t, "down", before, pgtest.Dump(t, url))
	mustUp(t, url, files)
	pgtest.Exec(t, url, "UPDATE t SET c = 'todo' WHERE id = 1")
	mustDown(t, url, files)
	if got := pgtest.QueryString(t, url, "SELECT string_agg(c, ' ' ORDER BY id) FROM t"); got != "todo done todo DONE" {
		t.Error(got)
	}
	if t.Failed() {
		t.Log(texts(files))
	}
}
