package templates

import (
	"strings"
	"testing"

	"rung/internal/pgtest"
	"rung/internal/pgtext"
	"rung/templates/internal/sqltext"
	"rung/templates/internal/words"
)

const tasks = `
CREATE TYPE status AS ENUM ('todo', 'in_progress', 'done');
CREATE TABLE tasks (id int PRIMARY KEY, status status DEFAULT 'todo');
INSERT INTO tasks VALUES (1, 'todo'), (2, 'in_progress'), (3, 'done'), (4, NULL);`

const relfilenode = "SELECT relfilenode FROM pg_class WHERE oid = 'tasks'::regclass"

func TestEnumRename(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct{ labels, mapping, want string }{
		"one to one":  {"'todo','in_progress','done'", "todo=pending,in_progress=active,done=complete", "'pending','active','complete'"},
		"a chain":     {"'a','b','c'", "a=b,b=c,c=d", "'b','c','d'"},
		"a cycle":     {"'a','b','c'", "a=b,b=c,c=a", "'b','c','a'"},
		"two cycles":  {"'a','b','c','d'", "a=b,b=a,c=d,d=c", "'b','a','d','c'"},
		"odd labels":  {`'it''s', 'a,b', 'x=y', E'back\\slash', E'new\nline', '🎉'`, `'it''s'='a,b','a,b'='it''s','x=y'='"' ,🎉=b c`, `'a,b','it''s','"',E'back\\slash','new` + "\nline','b c'"},
		"long labels": {"'" + strings.Repeat("a", 63) + "','" + strings.Repeat("ä", 31) + "'", strings.Repeat("a", 63) + "=" + strings.Repeat("ä", 31) + "," + strings.Repeat("ä", 31) + "=" + strings.Repeat("a", 63), "'" + strings.Repeat("ä", 31) + "','" + strings.Repeat("a", 63) + "'"},
	} {
		t.Run(what, func(t *testing.T) {
			url := pgtest.URL(t)
			pgtest.Exec(t, url, `CREATE TYPE "Weird ""Name" AS ENUM (`+c.labels+`); CREATE TABLE tasks (s "Weird ""Name"); INSERT INTO tasks SELECT unnest(enum_range(NULL::"Weird ""Name"))`)
			before, node := pgtest.Dump(t, url), pgtest.QueryString(t, url, relfilenode)
			files := mustExpand(t, url, "enum", set{"type": `"Weird ""Name"`, "map": c.mapping})
			mustUp(t, url, files)
			wantValues(t, url, `"Weird ""Name"`, c.want)
			mustDown(t, url, files)
			sameDump(t, what, before, pgtest.Dump(t, url))
			if now := pgtest.QueryString(t, url, relfilenode); now != node {
				t.Error("the table was rewritten")
			}
		})
	}
}

func TestEnumRenameReads(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	pgtest.Exec(t, url, tasks)
	files := mustExpand(t, url, "enum-rename", set{"type": "status", "map": "todo=pending,done=complete"})
	want := `-- Written by rung: --template enum-rename --set type=status --set map=todo=pending,done=complete

-- Locks: the type alone, no table.

-- Rows hold a value's number, not its text: nothing is rewritten, and views, defaults
-- and indexes follow by themselves.
ALTER TYPE public.status RENAME VALUE 'todo' TO 'pending';
ALTER TYPE public.status RENAME VALUE 'done' TO 'complete';
`
	if files[0].Up != want {
		t.Error(files[0].Up)
	}
	offline := mustExpand(t, "", "enum-rename", set{"type": "public.status", "map": "todo=pending,done=complete"})
	if !strings.HasSuffix(offline[0].Up, want[strings.Index(want, "-- Locks"):]) {
		t.Error(offline[0].Up)
	}
}

// The head is an order to write the file again, so it names what was asked for;
// which way that went stands below.
func TestTheHeadNamesWhatWasAskedFor(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	pgtest.Exec(t, url, tasks)
	for strategy, asked := range map[string]string{
		"enum-rename": "--set type=status --set map=todo=pending",
		"enum-swap":   "--set type=status --set values=done,in_progress,todo --set strategy=enum-swap",
	} {
		name, p := command(t, "--template enum "+asked)
		for _, f := range mustExpand(t, url, name, p) {
			for _, text := range []string{f.Up, f.Down} {
				if want := "-- Written by rung: --template enum " + asked + "\n-- Strategy: " + strategy + ".\n\n"; !strings.HasPrefix(text, want) {
					t.Errorf("%s\nhas no\n%s", text, want)
				}
			}
		}
	}
}

func TestEnumAdd(t *testing.T) {
	t.Parallel()
	for values, p := range map[string]set{
		"todo,in_progress,done,cancelled":        {},
		"new,todo,in_progress,done":              {},
		"todo,blocked,waiting,in_progress,done":  {},
		"x,y,todo,a,in_progress,b,c,done,d,e":    {},
		"it's,todo,a,in_progress,done,'quo,ted'": {},
		"open,later,in_progress,done":            {"map": "todo=open"},
		"in_progress,todo,done":                  {"map": "todo=in_progress,in_progress=todo"},
	} {
		t.Run(values, func(t *testing.T) {
			url := pgtest.URL(t)
			pgtest.Exec(t, url, tasks)
			node := pgtest.QueryString(t, url, relfilenode)
			p["type"], p["values"] = "public.status", values
			files := mustExpand(t, url, "enum", p)
			mustUp(t, url, files)
			labels, err := words.SplitList(values)
			if err != nil {
				t.Fatal(err)
			}
			wantValues(t, url, "status", strings.ReplaceAll(sqltext.Join(labels, pgtext.Literal), ", ", ","))
			if now := pgtest.QueryString(t, url, relfilenode); now != node {
				t.Error("the table was rewritten")
			}
		})
	}
}

func TestEnumRefusals(t *testing.T) {
	url := pgtest.URL(t)
	pgtest.Exec(t, url, tasks+`
CREATE DOMAIN d AS status;
CREATE ROLE nobody LOGIN;
GRANT CREATE, USAGE ON SCHEMA public TO nobody;
CREATE FUNCTION f() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RETURN EXISTS (SELECT FROM tasks WHERE status = 'todo'); END $$`)
	t.Cleanup(func() { pgtest.Exec(t, url, "DROP OWNED BY nobody; DROP ROLE nobody") })
	for _, name := range []string{"enum", "enum-rename", "enum-add"} {
		wantRefusal(t, url, name, set{"type": "staus", "values": "a", "map": "a=b"}, `no enum type "staus"`, "did you mean status?")
		wantRefusal(t, url, name, set{"type": "sta tus;", "values": "a", "map": "a=b"}, `no enum type "sta tus;"`)
		wantRefusal(t, url, name, set{"type": "d", "values": "a", "map": "a=b"}, "d is a domain, not an enum type")
		wantRefusal(t, url, name, set{"type": "status[]", "values": "a", "map": "a=b"}, "not an enum type")
		wantRefusal(t, url, name, set{"type": "status", "values": "a", "map": "tudo=b"}, `no value of status "tudo"`, "did you mean todo?")
		wantRefusal(t, url, name, set{"type": "status", "values": "pending", "map": "todo=pendin"}, `no value in values "pendin"`, "did you mean pending?")
		wantRefusal(t, url, name, set{"type": "status", "values": strings.Repeat("ä", 32), "map": ""}, "64 bytes")
		wantRefusal(t, url, name, set{"type": "status", "values": "a,b,a", "map": ""}, `"a" is in the list twice`)
		wantRefusal(t, url, name, set{"type": "status", "values": "todo", "map": "todo"}, "not a list of from=to")
		wantRefusal(t, url, name, set{"type": "status", "values": "todo", "map": "'todo"}, "not a list of from=to")
		wantRefusal(t, url, name, set{"type": "status", "values": "todo,done", "map": "todo=done,todo=todo"}, "twice")
	}
	wantRefusal(t, url, "enum", set{"type": "status", "values": "todo,in_progress,done"}, "nothing to do")
	wantRefusal(t, url, "enum", set{"type": "status", "values": "x", "strategy": "enum-swop"}, "did you mean enum-swap?")
	wantRefusal(t, url, "enum-rename", set{"type": "status", "map": "todo=done"}, "two values would become one")
	wantRefusal(t, url, "enum-rename", set{"type": "status", "map": "", "values": "todo"}, "cannot take away 'in_progress', 'done'")
	wantRefusal(t, url, "enum-add", set{"type": "status", "values": "done,todo,in_progress,x"}, "cannot change the order")
	wantRefusal(t, "", "enum", set{"type": "status", "values": "x"}, "must see")
	wantRefusal(t, pgtest.AsUser(t, url, "nobody"), "enum", set{"type": "status", "map": "todo=x"}, "does not own status", "--role")
	_, in, err := expand(t, url, "enum", set{"type": "status", "map": "todo=x"})
	if report := strings.Join(in.Report, "\n"); err != nil || !strings.Contains(report, "f() names 'todo'") || !strings.Contains(report, "strategy enum-rename") {
		t.Error(report, err)
	}
}

func TestEnumAddRefuses(t *testing.T) {
	t.Parallel()
	r := newRig(t, "CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy')")
	r.refused("enum-add", params("type=mood", "values=sad,ok,happy", "new=happy"), "nothing to do: the values of mood are already 'sad', 'ok', 'happy'")
	r.refused("enum-add", params("type=mood", "values=ok,sad,happy"), "it cannot change the order of the values", "--template enum-swap")
	r.refused("enum-add", params("type=mood", "values=low,ok,happy", "map=sad=low"), "there is nothing to add", "--template enum-rename")
}

// A string that is compared with a value's text stays what it is.
func TestEnumRenameSeesValuesAsText(t *testing.T) {
	t.Parallel()
	r := newRig(t, tasks+`ALTER TABLE tasks ADD CONSTRAINT fine CHECK (status IN ('todo', 'in_progress', 'done')), ADD CONSTRAINT known CHECK (status::text IN ('todo', 'in_progress', 'done'));
CREATE VIEW follows AS SELECT id FROM tasks WHERE status = 'todo'; CREATE VIEW lost AS SELECT id FROM tasks WHERE status::text = 'todo';
CREATE VIEW over_it AS SELECT status FROM tasks; CREATE VIEW lost_too AS SELECT FROM over_it WHERE status::varchar = 'todo';
CREATE POLICY hides ON tasks USING (status::text <> 'todo');
CREATE FUNCTION label(status) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT $1::text'; CREATE INDEX held ON tasks (label(status)); CREATE INDEX ON tasks (status);
CREATE FUNCTION one() RETURNS status LANGUAGE sql AS 'SELECT NULL::status'; CREATE TABLE more (status status DEFAULT one(), copy text GENERATED ALWAYS AS (label(status)) STORED);
CREATE DOMAIN stage AS status CONSTRAINT early CHECK (value::text <> 'done')`)
	for _, p := range []struct{ template, more string }{{"enum-rename", "type=status"}, {"enum-add", "values=open,in_progress,done,late"}} {
		r.refused(p.template, params("type=status", "map=todo=open", p.more), "constraint known on table public.tasks has a value of status as text", "drop it")
	}
	r.refused("enum-rename", params("type=status", "map=done=over"), "constraint early on domain public.stage")
	r.exec("ALTER TABLE tasks ALTER status SET DEFAULT 'in_progress'::text::status")
	r.add("enum-add", params("type=status", "values=todo,in_progress,done,late"))
	r.up(0)
	r.exec("ALTER TABLE tasks DROP CONSTRAINT known")
	r.refused("enum-rename", params("type=status", "map=in_progress=active"), "default value for column status of table public.tasks has a value")
	_, in, err := r.expand("enum-rename", params("type=status", "map=todo=open"))
	if says := strings.Join(in.Report, "\n"); err != nil || !strings.Contains(says, "change them yourself: column copy of table public.more (by a function: make it anew); index public.held (by a function: make it anew); policy hides on table public.tasks; view public.lost; view public.lost_too") {
		t.Error(says, err)
	}
}

// PostgreSQL reads a BEGIN ATOMIC body, and so a value there follows; a text does not.
func TestEnumRenameSeesTextsInAtomicBodiesAndTriggers(t *testing.T) {
	t.Parallel()
	r := newRig(t, tasks+`CREATE FUNCTION open() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM tasks WHERE status = 'todo'; END;
CREATE FUNCTION lost() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM tasks WHERE status::text = 'todo'; END;
CREATE FUNCTION told() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER tells AFTER UPDATE ON tasks FOR EACH ROW EXECUTE FUNCTION told('x', 'todo'); CREATE TRIGGER other AFTER UPDATE ON tasks FOR EACH ROW EXECUTE FUNCTION told('todo or not', 'ü\');
CREATE TYPE odd AS ENUM ('ü\')`)
	for name, c := range map[string]struct{ rename, says string }{
		"text":  {"type=status map=todo=open", "see to them: public.lost() names 'todo'; trigger tells on table public.tasks names 'todo'"},
		"bytes": {`type=odd map=ü\=u`, "see to them: trigger other on table public.tasks names "},
	} {
		_, in, err := r.expand("enum-rename", params(strings.Fields(c.rename)...))
		if err != nil {
			t.Fatal(name, err)
		}
		if says := strings.Join(in.Report, "\n"); !strings.Contains(says, c.says) || strings.Contains(says, "open()") {
			t.Errorf("%s: %s", name, says)
		}
	}
	r.add("enum-rename", params("type=status", "map=todo=open"))
	r.up(0)
	r.rows("SELECT open(), lost()", "1|0")
}
