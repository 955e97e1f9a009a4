package importer

import (
	"errors"
	"io/fs"
	"strings"
	"testing"

	"rung/runner"
)

// TestRefused has each file that cannot become a pair, and the place that is
// named.
func TestRefused(t *testing.T) {
	const up, dbUp = "-- +goose Up\n", "-- migrate:up\n"
	plan := func(lines string) string { return "%syntax-version=1.0.0\n%project=a\n\n" + lines }
	const at = " 2024-01-01T00:00:00Z A <a@b.example> # x\n"
	for name, c := range map[string]struct {
		from  string
		files fs.FS
		want  []string
	}{
		"goose: code":                   {"goose", files("1_a.sql", up, "2_b.go", "package x"), []string{"old/2_b.go: is a migration in Go, which cannot become SQL"}},
		"goose: all at once":            {"goose", files("1_a.sql", "SELECT 1;\n"+up, "2_b.sql", up+"SELECT 1;\n-- here +goose does it\n"), []string{"old/1_a.sql:1:1: stands above `-- +goose Up`", "old/2_b.sql:3:1: goose has no such annotation"}},
		"goose: two ups":                {"goose", files("1_a.sql", up+up), []string{"old/1_a.sql:2:1: `-- +goose Up` is given twice"}},
		"goose: down first":             {"goose", files("1_a.sql", "-- +goose Down\n"+up), []string{"old/1_a.sql:1:1: stands above `-- +goose Up`"}},
		"goose: no up":                  {"goose", files("1_a.sql", "-- a\n"), []string{"old/1_a.sql: has no `-- +goose Up`"}},
		"goose: indented":               {"goose", files("1_a.sql", up+"  -- +goose Down\n"), []string{"old/1_a.sql:2:1: a blank stands before"}},
		"goose: environment":            {"goose", files("1_a.sql", up+"-- +goose ENVSUB ON\nSELECT 1;\nSELECT '${HOME}';\n"), []string{"old/1_a.sql:4:9: goose puts a value in for ${HOME}"}},
		"goose: a dollar":               {"goose", files("1_a.sql", up+"-- +goose ENVSUB ON\nSELECT 1, '$$a$$';\n"), []string{"old/1_a.sql:3:1: goose puts a value in here; write what goose makes of it"}},
		"goose: never closed":           {"goose", files("1_a.sql", up+"-- +goose StatementBegin\nSELECT 1;\n"), []string{"old/1_a.sql:3:1: the file ends before `-- +goose StatementEnd`"}},
		"goose: closed twice":           {"goose", files("1_a.sql", up+"SELECT 1;\n-- +goose StatementEnd\n"), []string{"old/1_a.sql:3:1: StatementBegin and StatementEnd are no pair"}},
		"goose: byte order mark":        {"goose", files("1_a.sql", "\ufeff"+up), []string{"old/1_a.sql:1:1: begins with a byte order mark"}},
		"goose: one version twice":      {"goose", files("1_a.sql", up, "01_b.sql", up), []string{"old/1_a.sql: version 1 is already used by 01_b.sql"}},
		"goose: version 0":              {"goose", files("0_a.sql", up, "1_b.sql", up), []string{"old/0_a.sql: version 0 is no migration to goose"}},
		"goose: a marker in a body":     {"goose", files("1_a.sql", up+"SELECT $$\n-- +goose Down\n$$;\n"), []string{"old/1_a.sql:2:8: ", "old/1_a.sql:4:1: "}},
		"what rung refuses, by place":   {"goose", files("1_a.sql", up+"SELECT 1;\n\\set x 1\n"), []string{`old/1_a.sql:3:1: psql meta-command \set`}},
		"no text":                       {"goose", files("1_a.sql", up+"SELECT 'a\xff';\n"), []string{"old/1_a.sql:2:10: "}},
		"dbmate: no down":               {"dbmate", files("1_a.sql", dbUp), []string{"old/1_a.sql: has no `-- migrate:down`"}},
		"dbmate: two ups":               {"dbmate", files("1_a.sql", dbUp+"-- migrate:down\n"+dbUp), []string{"old/1_a.sql:3:1: a second `-- migrate:up`"}},
		"dbmate: down first":            {"dbmate", files("1_a.sql", "-- migrate:down\n"+dbUp), []string{"old/1_a.sql:1:1: `-- migrate:down` stands above"}},
		"dbmate: upper case":            {"dbmate", files("1_a.sql", dbUp+"-- MIGRATE:DOWN\n"), []string{"old/1_a.sql: has no", "old/1_a.sql:2:1: is no marker to dbmate"}},
		"dbmate: SQL above":             {"dbmate", files("1_a.sql", "SELECT 1;\n"+dbUp+"-- migrate:down\n"), []string{"old/1_a.sql:1:1: stands above `-- migrate:up`"}},
		"dbmate: an option":             {"dbmate", files("1_a.sql", "-- migrate:up transaction=false\n-- migrate:down\n"), []string{"old/1_a.sql:1:1: option transaction=false means nothing"}},
		"dbmate: sorted as text":        {"dbmate", files("9_a.sql", dbUp+"-- migrate:down\n", "10_b.sql", dbUp+"-- migrate:down\n"), []string{"old/9_a.sql"}},
		"dbmate: byte order mark":       {"dbmate", files("1_a.sql", "\ufeff"+dbUp+"-- migrate:down\n"), []string{"old/1_a.sql:1:1: begins with a byte order mark"}},
		"flyway: placeholder":           {"flyway", files("V1__a.sql", "SELECT 1;\nSELECT '${flyway:user}';\n"), []string{"old/V1__a.sql:2:9: Flyway puts a value in for ${flyway:user}"}},
		"flyway: code":                  {"flyway", files("V1__a.sql", "", "x/V2__b.java", ""), []string{"old/x/V2__b.java: is a migration in Java"}},
		"flyway: callback":              {"flyway", files("V1__a.sql", "", "afterMigrate__x.sql", "", "beforeMigrate.sql", ""), []string{"old/afterMigrate__x.sql: is a callback", "old/beforeMigrate.sql: is a callback"}},
		"flyway: baseline":              {"flyway", files("V1__a.sql", "", "B1__b.sql", ""), []string{"old/B1__b.sql: is a baseline"}},
		"flyway: settings":              {"flyway", files("V1__a.sql", "", "V1__a.sql.conf", "executeInTransaction=true\nshouldExecute=x\n"), []string{"old/V1__a.sql.conf:2:1: rung has no counterpart of shouldExecute=x"}},
		"flyway: equal versions":        {"flyway", files("V1.0__a.sql", "", "V001__b.sql", ""), []string{"old/V1.0__a.sql: version 1.0 is already used by V001__b.sql"}},
		"flyway: undoes nothing":        {"flyway", files("V1__a.sql", "", "U2__b.sql", ""), []string{"old/U2__b.sql: undoes version 2, which has no file"}},
		"tern: template":                {"tern", files("1_a.sql", "SELECT '{{ .x }}';\nSELECT '{{ env \"x\" }}';\n"+ternSeparator+"\n"), []string{"old/1_a.sql:1:9: tern puts a value in for {{ .x }}", "old/1_a.sql:2:1: tern puts a value in here"}},
		"node-pg-migrate: code":         {"node-pg-migrate", files("1_a.sql", "", "2_b.js", "", "3_c.ts", ""), []string{"old/2_b.js: is a migration in JavaScript", "old/3_c.ts: is a migration in TypeScript"}},
		"node-pg-migrate: down alone":   {"node-pg-migrate", files("1_a.sql", "SELECT 1;\n-- Down Migration\nSELECT 2;\n"), []string{"old/1_a.sql:3:1: has a down marker and no up marker"}},
		"node-pg-migrate: SQL above":    {"node-pg-migrate", files("1_a.sql", "SELECT 1;\n-- Up Migration\nSELECT 2;\n"), []string{"old/1_a.sql:1:1: stands above the up marker"}},
		"node-pg-migrate: two clocks":   {"node-pg-migrate", files("20240131120000000_a.sql", "", "1706702400000_b.sql", ""), []string{"old/20240131120000000_a.sql: node-pg-migrate takes its number"}},
		"sql-migrate: no number":        {"sql-migrate", files("a.sql", "-- +migrate Up\n", "1_b.sql", "-- +migrate Up\n"), []string{"old/a.sql: has no number at its start"}},
		"sql-migrate: SQL above":        {"sql-migrate", files("1_a.sql", "SELECT 1;\n-- +migrate Up\n"), []string{"old/1_a.sql:1:1: stands above the first marker"}},
		"sql-migrate: unknown":          {"sql-migrate", files("1_a.sql", "-- +migrate Up\n-- +migrate Sideways\n"), []string{"old/1_a.sql:2:1: sql-migrate has no command Sideways"}},
		"sql-migrate: one number twice": {"sql-migrate", files("1_a.sql", "-- +migrate Up\n", "1_b.sql", "-- +migrate Up\n"), []string{"old/1_b.sql: version 1 is already used by 1_a.sql"}},
		"sqlx: down alone":              {"sqlx", files("1_a.sql", "", "2_b.down.sql", ""), []string{"old/2_b.down.sql: has no up file"}},
		"diesel: settings":              {"diesel", files("1_a/up.sql", "", "1_a/metadata.toml", "x = 1\n"), []string{"old/1_a/metadata.toml:1:1: rung has no counterpart of x = 1"}},
		"prisma: another database":      {"prisma", files("1_a/migration.sql", "", "migration_lock.toml", "# x\nprovider = \"mysql\"\n"), []string{"old/migration_lock.toml:2:1: the migrations are for mysql"}},
		"prisma: sorted as text":        {"prisma", files("9_a/migration.sql", "", "10_b/migration.sql", ""), []string{"old/9_a/migration.sql: prisma runs it after 10_b/migration.sql"}},
		"prisma: no number":             {"prisma", files("init/migration.sql", "", "10_b/migration.sql", ""), []string{"old/init/migration.sql: its folder has no number"}},
		"drizzle: another database":     {"drizzle", files("meta/_journal.json", "{\n\"dialect\": \"mysql\"}"), []string{"old/meta/_journal.json:2:1: the migrations are for mysql"}},
		"drizzle: passed over":          {"drizzle", files("meta/_journal.json", "{\"entries\": [\n{\"when\": 2, \"tag\": \"0000_a\"},\n{\"when\": 1, \"tag\": \"0001_b\"}]}", "0000_a.sql", "", "0001_b.sql", ""), []string{"old/meta/_journal.json:3:1: 0001_b is not later than 0000_a"}},
		"drizzle: no file":              {"drizzle", files("meta/_journal.json", "{\"entries\": [\n{\"when\": 2, \"tag\": \"0000_a\"}]}"), []string{"old/meta/_journal.json:2:1: names 0000_a.sql, which is not there"}},
		"sqitch: elsewhere":             {"sqitch", files("sqitch.plan", plan("a"+at), "deploy/a.sql", "", "sqitch.conf", "[core]\n  top_dir = sql\n"), []string{"old/sqitch.conf:2:1: the scripts are elsewhere"}},
		"sqitch: no script":             {"sqitch", files("sqitch.plan", plan("a"+at)), []string{"old/sqitch.plan:4:1: names deploy/a.sql"}},
		"sqitch: no tag":                {"sqitch", files("sqitch.plan", plan("a"+at+"a [a@x]"+at), "deploy/a.sql", "", "deploy/a@.sql", ""), []string{"old/sqitch.plan:5:1: reworks a without a tag"}},
		"sqitch: psql":                  {"sqitch", files("sqitch.plan", plan("a"+at), "deploy/a.sql", "SELECT 1::int;\nSELECT :v;\n\\i x\n"), []string{"old/deploy/a.sql:2:1: psql puts the value of a variable", `old/deploy/a.sql:3:1: psql meta-command \i`}},
		"refinery: code":                {"refinery", files("V1__a.sql", "", "V2__b.rs", ""), []string{"old/V2__b.rs: is a migration in Rust"}},
		"refinery: two parts":           {"refinery", files("V1.2__a.sql", ""), []string{"old/V1.2__a.sql: has a version of two parts"}},
		"graphile-migrate: placeholder": {"graphile-migrate", files("committed/000001.sql", "--! Previous: -\n\nGRANT CONNECT ON DATABASE :DATABASE_NAME TO x;\n"), []string{"old/committed/000001.sql:3:27: graphile-migrate puts a value in for :DATABASE_NAME"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Import(c.files, "old", Options{From: c.from})
			var bad *runner.BadFilesError
			if !errors.As(err, &bad) {
				t.Fatalf("is not refused: %v", err)
			}
			if len(bad.Problems) != len(c.want) {
				t.Fatalf("%d problems, want %d:\n%v", len(bad.Problems), len(c.want), err)
			}
			for _, want := range c.want {
				if !strings.Contains("\n"+err.Error(), "\n"+want) {
					t.Errorf("is\n%v\nwant\n%s", err, want)
				}
			}
		})
	}
}

// TestRecognised has whose files a directory is said to hold, and when it asks.
func TestRecognised(t *testing.T) {
	for name, c := range map[string]struct {
		files  fs.FS
		tool   string // or
		reason string
		hint   string // or, without a reason, what is wrong with the files
	}{
		"read alike by both":    {files: files("V1__a.sql", "SELECT 1;"), tool: "flyway"},
		"a U of one number":     {files: files("V1__a.sql", "SELECT 1;", "U1__a.sql", "SELECT 2;"), tool: "flyway"},
		"plain numbers":         {files: files("1_a.sql", "SELECT 1;"), tool: "sqlx"},
		"markers before names":  {files: files("1_a.sql", "-- +goose Up\n", "2_b.sql", "SELECT 1;\n", "V1__x.sql", ""), hint: "old/2_b.sql: has no `-- +goose Up`; write one, or leave the file out with --except"},
		"read differently":      {files: files("V1__a.sql", "SELECT '${x}';"), reason: "old may be a directory of flyway or refinery, which read its files differently", hint: "say whose they are: --from flyway or --from refinery"},
		"a bare placeholder":    {files: files("V1__a.sql", "CREATE TABLE ${x} ();"), hint: "old/V1__a.sql:1:14: Flyway puts a value in for ${x}; give the value of production: --set x=VALUE"},
		"undo, or an up":        {files: files("V1__a.sql", "", "U2__b.sql", ""), reason: "old may be a directory of flyway or refinery, which read its files differently", hint: "say whose they are: --from flyway or --from refinery"},
		"no transaction to one": {files: files("1_a.sql", "-- no-transaction\nSELECT 1;"), reason: "old may be a directory of sqlx or supabase, which read its files differently", hint: "say whose they are: --from sqlx or --from supabase"},
		"two tools":             {files: files("1_a.sql", "-- +goose Up\n", "2_b.sql", "-- migrate:up\n-- migrate:down\n"), reason: "old may be a directory of goose or dbmate, which read its files differently", hint: "say whose they are: --from goose or --from dbmate"},
		"pairs":                 {files: files("1_a.up.sql", ""), reason: "old holds pairs of .up.sql and .down.sql files already, as golang-migrate and rung name them", hint: "run them where they are: `rung up --dir old`"},
		"nothing":               {files: files("README.md", ""), reason: "old holds no files of a tool that rung can import from", hint: "name the folder that holds the files themselves, or the tool with --from: " + strings.Join(Tools(), ", ")},
	} {
		t.Run(name, func(t *testing.T) {
			result, err := Import(c.files, "old", Options{})
			var refusal *runner.RefusalError
			switch {
			case c.tool != "":
				if err != nil || result.Tool != c.tool {
					t.Errorf("%+v, %v", result, err)
				}
			case c.reason == "":
				var bad *runner.BadFilesError
				if !errors.As(err, &bad) || bad.Error() != c.hint {
					t.Errorf("%v", err)
				}
			case !errors.As(err, &refusal) || refusal.Reason != c.reason || refusal.Hint != c.hint:
				t.Errorf("%#v", err)
			}
		})
	}
}

func TestExcept(t *testing.T) {
	dir := files("1_a.sql", "-- +goose Up\nSELECT 1;\n", "2_b.go", "package x")
	if result, err := Import(dir, "old", Options{Except: []string{"2_b.go"}}); err != nil || len(result.Pairs) != 1 {
		t.Errorf("%+v, %v", result, err)
	}
	if _, err := Import(dir, "old", Options{Except: []string{"3_c.go"}}); err == nil || err.Error() != "--except 3_c.go: old holds no such file" {
		t.Errorf("%v", err)
	}
	if _, err := Import(dir, "old", Options{From: "gose"}); err == nil || err.Error() != `there is no tool "gose" to import from` {
		t.Errorf("%v", err)
	}
}

// TestValues has what --set puts in, where each tool has a place for a value.
func TestValues(t *testing.T) {
	const up = "-- +goose Up\n"
	for name, c := range map[string]struct {
		from   string
		files  fs.FS
		values map[string]string
		want   string // the first up file, or the error
	}{
		"flyway":              {"flyway", files("V1__a.sql", "CREATE ROLE ${app} IN ROLE ${flyway:user}, ${app};\n"), map[string]string{"app": "shop", "flyway:user": "owner"}, "CREATE ROLE shop IN ROLE owner, shop;\n"},
		"flyway: as it is":    {"flyway", files("V1__a.sql", "SELECT '${app}';\n", "V1__a.sql.conf", "placeholderReplacement=false\n"), nil, "SELECT '${app}';\n"},
		"goose":               {"goose", files("1_a.sql", up+"SELECT '$A';\n-- +goose ENVSUB ON\nSELECT '$A', '${A}', '${B:-x}', '${B-x}';\n-- +goose ENVSUB OFF\nSELECT '$A';\n"), map[string]string{"A": "1", "B": ""}, "SELECT '$A';\nSELECT '1', '1', 'x', '';\nSELECT '$A';\n"},
		"tern":                {"tern", files("1_a.sql", "CREATE ROLE {{ .app }};\n"+ternSeparator+"\nDROP ROLE {{.app}};\n"), map[string]string{"app": "shop"}, "CREATE ROLE shop;\n"},
		"graphile-migrate":    {"graphile-migrate", files("committed/000001.sql", "--! Previous: -\n\nGRANT CONNECT ON DATABASE :DATABASE_NAME TO x::text, :A;\n"), map[string]string{"DATABASE_NAME": "shop", "A": "b"}, "GRANT CONNECT ON DATABASE shop TO x::text, b;\n"},
		"a name of no place":  {"flyway", files("V1__a.sql", "SELECT '${app}';\n"), map[string]string{"app": "a", "ap": "a"}, "--set ap: no file of old has a place for a value of that name"},
		"a tool without them": {"dbmate", files("1_a.sql", "-- migrate:up\nSELECT '${app}';\n-- migrate:down\n"), map[string]string{"app": "a"}, "--set app: no file of old has a place for a value of that name"},
	} {
		t.Run(name, func(t *testing.T) {
			result, err := Import(c.files, "old", Options{From: c.from, Values: c.values})
			is := ""
			if err != nil {
				is = err.Error()
			} else {
				is = result.Pairs[0].Up.String()
			}
			if is != c.want {
				t.Errorf("is\n%s\nwant\n%s", is, c.want)
			}
		})
	}
}
