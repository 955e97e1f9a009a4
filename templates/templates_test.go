package templates

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"rung/internal/shell"
	"rung/runner"
)

// own is a team's folder with one template.
func own(name, text string) fs.FS {
	return fstest.MapFS{name + ".sql": &fstest.MapFile{Data: []byte(text)}}
}

const ownHead = "-- Purpose: p\n-- Parameters:\n--   table: t\n--   note (optional): n,\n--     and more\n-- Locks: l\n-- Steps:\n--   1. a\n-- Example:\n--   e\n\n"

func TestParse(t *testing.T) {
	t.Parallel()
	set, err := Load(own("x", ownHead+"-- == up ==\nSELECT {{ident .table}};\n-- == down ==\nSELECT 1;\n-- == two up ==\nSELECT 2;\n-- == two down ==\n"))
	if err != nil {
		t.Fatal(err)
	}
	x := set["x"]
	if x.Purpose != "p" || x.Locks != "l" || x.Steps != "1. a" || x.Example != "e" {
		t.Errorf("head: %+v", x)
	}
	if len(x.Params) != 2 || x.Params[1] != (Param{Name: "note", Usage: "n, and more", Optional: true}) {
		t.Errorf("parameters: %+v", x.Params)
	}
	files, err := set.Expand(t.Context(), "x", &Input{Params: params("table=Users")})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 2 || files[0].Suffix != "" || files[1].Suffix != "two" || !strings.Contains(files[0].Up, `SELECT "Users";`) {
		t.Errorf("files: %+v", files)
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for text, says := range map[string]string{
		"SELECT 1": "template x.sql: has no line `-- == up ==`",
		strings.Replace(ownHead, "Purpose", "Porpoise", 1) + "-- == up ==\n": "its head does not describe Purpose",
		strings.Replace(ownHead, "--   e\n", "", 1) + "-- == up ==\n":        "its head does not describe Example",
	} {
		_, err := Load(own("x", text))
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestBodiesThatDoNotRender(t *testing.T) {
	t.Parallel()
	line := strings.Count(ownHead, "\n") + 4
	for body, says := range map[string][2]string{
		"SELECT {{.tabel}};":      {fmt.Sprintf(`template x.sql:%d:10: <.tabel>: map has no entry for key "tabel"`, line), "did you mean table?"},
		"SELECT {{ident .table}":  {fmt.Sprintf("template x.sql:%d: ", line), ""},
		"SELECT {{iden .table}};": {fmt.Sprintf(`template x.sql:%d: function "iden" not defined`, line), "did you mean ident?"},
		`{{split "\"a\""}}`:       {fmt.Sprintf(`template x.sql:%d:3: <split "\"a\"">: error calling split: `, line), "single quotes do"},
	} {
		set, err := Load(own("x", ownHead+"-- == up ==\nSELECT 1;\n-- == down ==\n"+body+"\n"))
		if err != nil {
			t.Fatal(err)
		}
		_, err = set.Expand(t.Context(), "x", &Input{Params: params("table=users")})
		wrong := (*Mistake)(nil)
		if !errors.As(err, &wrong) || !strings.HasPrefix(wrong.What, says[0]) || !strings.HasPrefix(wrong.Hint, says[1]) {
			t.Errorf("%s: %#v", body, err)
		}
	}
}

func TestAnOwnTemplateGoesBeforeOurs(t *testing.T) {
	t.Parallel()
	set, err := Load(own("backfill", ownHead+"-- == up ==\nSELECT 'ours';\n-- == down ==\n"))
	if err != nil {
		t.Fatal(err)
	}
	files, err := set.Expand(t.Context(), "backfill", &Input{Params: params("table=users")})
	if err != nil || !strings.Contains(files[0].Up, "SELECT 'ours'") {
		t.Errorf("%v: %+v", err, files)
	}
	if set["set-not-null"] == nil {
		t.Error("the others are gone")
	}
	if _, err := Load(os.DirFS(t.TempDir() + "/nowhere")); err != nil {
		t.Errorf("a folder that is not there: %v", err)
	}
}

func TestParametersThatAreWrong(t *testing.T) {
	t.Parallel()
	set, err := Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	for template, c := range map[string]struct{ params, says []string }{
		"backfil":       {nil, []string{`no template "backfil"`, "did you mean backfill?"}},
		"backfill":      {[]string{"table=users", "colum=x", "value=1", "column=x"}, []string{`no parameter of template backfill "colum"`, "did you mean column?"}},
		"enum-to-text":  {[]string{"tpye=status"}, []string{`no parameter of template enum-to-text "tpye"`, "did you mean type?"}},
		"set-not-null":  {[]string{"table=users"}, []string{"needs column", "--set column="}},
		"list-to-table": {[]string{"table=users", "column=x", "to=y"}, []string{"must look at the schema", "leave --offline out"}},
	} {
		_, err := set.Expand(t.Context(), template, &Input{Params: params(c.params...)})
		mistaken(t, err, c.says...)
	}
}

func TestOffline(t *testing.T) {
	t.Parallel()
	set, err := Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	files, err := set.Expand(t.Context(), "set-not-null", &Input{Params: params(`table=app."Users"`, "column=Email")})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Written --offline", `ALTER TABLE app."Users"` + "\n" + `    ALTER COLUMN "Email" SET NOT NULL;`} {
		if !strings.Contains(files[0].Up, want) {
			t.Errorf("no %q in\n%s", want, files[0].Up)
		}
	}
	_, err = set.Expand(t.Context(), "backfill", &Input{Params: params("table=users", "column=x", "value=1")})
	mistaken(t, err, "the key of users is not known", "--set key=")
	files, err = set.Expand(t.Context(), "backfill", &Input{Params: params("table=users", "column=x", "value=1", "key=a, B")})
	if err != nil || !strings.Contains(files[0].Up, "-- rung:batch key=users(a, b)") {
		t.Errorf("%v: %v", err, files)
	}
}

// What is written --offline says what was not looked at, and is else what a look
// at the schema gives, where that holds no surprise.
func TestOfflineWritesWhatOnlineDoes(t *testing.T) {
	t.Parallel()
	const schema = `CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TABLE users (id int PRIMARY KEY, email text, doc jsonb); CREATE TABLE orders (id int PRIMARY KEY, user_id int);
INSERT INTO users SELECT g, 'U' || g, '{"n": 1}' FROM generate_series(1, 20) AS g; INSERT INTO orders SELECT g, g FROM generate_series(1, 20) AS g`
	for template, c := range map[string]struct{ online, offline, unseen string }{
		"add-column":      {"table=users|column=low|type=text|value=lower(email)", "key=id", "the same for every row"},
		"add-foreign-key": {"table=orders|columns=user_id|references=users", "to=id", "whether orders is partitioned"},
		"add-index":       {"table=users|columns=email|unique=true", "", "whether users is partitioned"},
		"backfill":        {"table=users|column=email|value='x'|where=id = 3|keep=true", "key=id", "whether id is the primary key of users"},
		"enum-add":        {"type=public.mood|values=awful,sad,ok,great|map=", "new=great,awful", "whether the values of public.mood are 'sad', 'ok' now"},
		"enum-rename":     {"type=public.mood|map=sad=down", "", "check names and types"},
		"json-rename-key": {"table=users|column=doc|path=n|to=m", "key=id", "doc is jsonb"},
		"json-split":      {"table=users|column=doc|keys=n int", "key=id", "no column has the name"},
		"set-not-null":    {"table=users|column=email", "", "check names and types"},
	} {
		t.Run(template, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, schema)
			p := strings.Split(c.online, "|")
			online, _, err := r.expand(template, params(p...))
			if err != nil {
				t.Fatal(err)
			}
			if c.offline != "" {
				p = append(p, c.offline)
			}
			set, err := Load(nil)
			if err != nil {
				t.Fatal(err)
			}
			offline, err := set.Expand(t.Context(), template, &Input{Name: "it", Params: params(p...)})
			if err != nil {
				t.Fatal(err)
			}
			// A cast that is not always needed, and how a message names a row.
			castOf := regexp.MustCompile(`\((lower\(email\))\)::text`)
			differs := regexp.MustCompile(`::text|'row at ' \|\| (c\.)?ctid|format\('id %s', (c\.)?id\)`)
			body := func(text string) string {
				_, rest, _ := strings.Cut(text, "\n\n")
				return differs.ReplaceAllString(castOf.ReplaceAllString(rest, "$1"), "")
			}
			for i, f := range offline {
				if body(f.Up) != body(online[i].Up) || body(f.Down) != body(online[i].Down) {
					t.Errorf("offline:\n%s%s\nonline:\n%s%s", f.Up, f.Down, online[i].Up, online[i].Down)
				}
			}
			if head, _, _ := strings.Cut(offline[0].Up, "\n\n"); !strings.Contains(head, "Written --offline") || !strings.Contains(head, c.unseen) {
				t.Errorf("the head does not say %q:\n%s", c.unseen, head)
			}
			r.write(offline)
			if template == "enum-add" {
				r.up(0)
				return
			}
			r.goesAndReturns()
		})
	}
}

func TestOfflineAsksForWhatItCannotSee(t *testing.T) {
	t.Parallel()
	set, err := Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	for template, c := range map[string]struct{ params, says []string }{
		"add-column":      {[]string{"table=t", "column=c", "type=int", "value=1"}, []string{"the key of t is not known", "--set key="}},
		"json-split":      {[]string{"table=t", "column=c", "keys=n int"}, []string{"the key of t is not known"}},
		"add-foreign-key": {[]string{"table=t", "columns=c", "references=p"}, []string{"the primary key of p is not known", "--set to="}},
		"add-index":       {[]string{"table=t", "columns=lower(c)"}, []string{"plain columns"}},
		"enum-add":        {[]string{"type=t", "values=a,b"}, []string{"--set new="}},
	} {
		_, err := set.Expand(t.Context(), template, &Input{Params: params(c.params...)})
		mistaken(t, err, c.says...)
	}
	_, err = set.Expand(t.Context(), "enum-add", &Input{Params: params("type=t", "values=a,b", "new=c")})
	mistaken(t, err, "new=c, but the new values are")
}

// exampleSchema is what the examples in the heads are about.
const exampleSchema = `
CREATE TYPE status AS ENUM ('todo', 'in_progress', 'done');
CREATE TABLE users (id bigint PRIMARY KEY, email text, is_active boolean, settings jsonb, deleted_at timestamptz, last_seen text, score integer);
CREATE UNIQUE INDEX users_email_key ON users (email) WHERE deleted_at IS NULL;
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL, total integer);
CREATE TABLE tasks (id bigint PRIMARY KEY, status status NOT NULL DEFAULT 'todo');
CREATE TABLE posts (id bigint PRIMARY KEY, tags text);`

// exampleNeeds is what an example needs beyond that.
var exampleNeeds = map[string]string{
	"bigint-key":     "ALTER TABLE orders ALTER id TYPE integer;",
	"derived-column": "ALTER TABLE orders ADD FOREIGN KEY (user_id) REFERENCES users;",
	"enum-online":    "ALTER TYPE status ADD VALUE 'cancelled';",
	"enum-retire":    "ALTER TYPE status ADD VALUE 'cancelled';",
	"text-to-enum":   "ALTER TABLE tasks ALTER status DROP DEFAULT, ALTER status TYPE text; DROP TYPE status;",
}

// Every example in a head works, and the head of what it writes says how to
// write it again.
func TestExamples(t *testing.T) {
	t.Parallel()
	shared := newRig(t, exampleSchema)
	set, err := Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range set.Names() {
		if name == "enum" && set["enum-swap"] == nil {
			continue
		}
		t.Run(name, func(t *testing.T) {
			r := &rig{T: t, url: shared.url}
			if more := exampleNeeds[name]; more != "" {
				r = newRig(t, exampleSchema+more)
			}
			if name == "contract" { // of a template's files that have run
				r = newRig(t, exampleSchema)
				r.next = 9
				r.add("soft-delete", params("table=users", "column=deleted_at"))
				r.up(0)
			}
			for line := range strings.Lines(set[name].Example) {
				r.example(name, strings.TrimSpace(line))
			}
		})
	}
}

// example tries the command of an example.
func (r *rig) example(name, line string) {
	r.Helper()
	asked, p := command(r.T, line)
	if asked != name && "enum-"+p["strategy"] != name {
		r.Fatalf("the example is one of %s", asked)
	}
	files, _, err := r.expand(asked, p)
	if err != nil {
		r.Fatalf("%v\n%s", err, line)
	}
	for _, f := range files {
		if up, _, _ := strings.Cut(f.Up, "\n"); !strings.HasPrefix(up, "-- Written by rung: --template "+asked) {
			r.Errorf("no head: %s", up)
		}
		if strings.Contains(f.Up+f.Down, "<no value>") {
			r.Errorf("no value:\n%s%s", f.Up, f.Down)
		}
		dir := fstest.MapFS{"1_x.up.sql": {Data: []byte(f.Up)}, "1_x.down.sql": {Data: []byte(f.Down)}}
		if d, err := runner.Load(dir, "sql"); err != nil || d.Bad() != nil {
			r.Errorf("%v\n%s", errors.Join(err, d.Bad()), f.Up)
		}
	}
	head, _, _ := strings.Cut(strings.TrimPrefix(files[0].Up, "-- Written by rung: "), "\n")
	same, q := command(r.T, head)
	again, _, err := r.expand(same, q)
	if err != nil || len(again) != len(files) {
		r.Fatalf("again: %v", err)
	}
	for i := range files {
		if again[i] != files[i] {
			r.Errorf("the head writes something else:\n%s\n%s", files[i].Up, again[i].Up)
		}
	}
}

// ansiC is a word in the quotes of bash and zsh for control characters.
var ansiC = regexp.MustCompile(`( )\$'((?:[^'\\]|\\.)*)'`)

// A value with a line break can be written again from the head.
func TestHeadWithALineBreak(t *testing.T) {
	t.Parallel()
	r := newRig(t, "CREATE TYPE mood AS ENUM ('a')")
	p := params("type=mood", "values=a,'it''s \\n \"b\"\n\tc\x01d\r'")
	wanted := p["values"]
	files, _, err := r.expand("enum-add", p)
	if err != nil {
		t.Fatal(err)
	}
	head, _, _ := strings.Cut(strings.TrimPrefix(files[0].Up, "-- Written by rung: "), "\n")
	if _, again := command(t, head); again["values"] != wanted {
		t.Errorf("%q became %q by %s", wanted, again["values"], head)
	}
	out, err := exec.CommandContext(t.Context(), "bash", "-c", "printf %s "+shell.Quote(wanted)).Output()
	if err != nil || string(out) != wanted {
		t.Errorf("bash: %q, %v", out, err)
	}
	r.write(files)
	r.up(0)
	r.rows("SELECT replace(max(enumlabel::text), chr(10), '|') FROM pg_enum WHERE enumlabel LIKE 'it%'", "it's \\n \"b\"|\tc\x01d\r")
}

// command reads --template and --set of a command line for a shell.
func command(t *testing.T, line string) (template string, p map[string]string) {
	t.Helper()
	line = ansiC.ReplaceAllStringFunc(line, func(word string) string {
		m := ansiC.FindStringSubmatch(word)
		text, err := strconv.Unquote(`"` + strings.NewReplacer(`\'`, "'", `"`, `\"`, `\\`, `\\`).Replace(m[2]) + `"`)
		if err != nil {
			t.Fatal(err)
		}
		return m[1] + "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
	})
	var words []string
	var word strings.Builder
	var quote rune
	inWord, escaped := false, false
	for _, c := range line + "\n" {
		switch {
		case escaped || c == '\\' && quote != '\'':
			if escaped = !escaped; !escaped {
				word.WriteRune(c)
			}
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(c)
		case c == '\'' || c == '"':
			quote, inWord = c, true
		case c == ' ' || c == '\n':
			if inWord {
				words = append(words, word.String())
			}
			word.Reset()
			inWord = false
		default:
			word.WriteRune(c)
			inWord = true
		}
	}
	p = map[string]string{}
	for i, w := range words[:len(words)-1] {
		switch w {
		case "--template":
			template = words[i+1]
		case "--set":
			name, value, _ := strings.Cut(words[i+1], "=")
			p[name] = value
		}
	}
	return template, p
}
