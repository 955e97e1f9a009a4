//go:build realtools

package realtools

import (
	"bytes"
	"cmp"
	"context"
	"flag"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aymanbagabas/go-udiff"

	"rung/cli"
	"rung/internal/docspage"
	"rung/internal/pgtest"
)

var update = flag.Bool("update", false, "write what the commands print into docs/from")

// TestMain is also rung.
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == "rung" {
		os.Exit(cli.Run(os.Args, os.Stdin, os.Stdout, os.Stderr))
	}
	pgtest.Main(m)
}

// otherTool is one of them, and testdata/NAME a directory in its format: three
// migrations that it applies here, and what rung applies after it.
type otherTool struct {
	name string
	// half, all and none are its commands for three migrations, for all, and for
	// reverting all, or "".
	half, all, none string
	// from is what rung imports, or "" where dir holds pairs already.
	from, dir string
	// open is what rung adopt is to be told where a file has failed, or "".
	open string
	// own is SQL that drops its history.
	own string
}

var otherTools = []otherTool{
	{
		name: "golang-migrate", dir: "migrations",
		half: `migrate -path migrations -database "$DATABASE_URL" up 3`,
		all:  `migrate -path migrations -database "$DATABASE_URL" up`,
		none: `migrate -path migrations -database "$DATABASE_URL" down -all`,
		open: "--as-pending 000004",
		own:  "DROP TABLE schema_migrations",
	},
	{
		name: "goose", from: "migrations",
		half: `goose -dir migrations postgres "$DATABASE_URL" up-to 3`,
		all:  `goose -dir migrations postgres "$DATABASE_URL" up`,
		none: `goose -dir migrations postgres "$DATABASE_URL" down-to 0`,
		own:  "DROP TABLE goose_db_version",
	},
	{
		name: "dbmate", from: "db/migrations",
		half: `mkdir half && cp db/migrations/2024010[123]* half && dbmate --no-dump-schema -d half up`,
		all:  `dbmate --no-dump-schema up`,
		none: `for i in 1 2 3 4 5 6; do dbmate --no-dump-schema down || exit; done`,
		own:  "DROP TABLE schema_migrations",
	},
	{
		name: "tern", from: "migrations",
		half: `tern migrate --conn-string "$DATABASE_URL" -m migrations -d 3`,
		all:  `tern migrate --conn-string "$DATABASE_URL" -m migrations`,
		none: `tern migrate --conn-string "$DATABASE_URL" -m migrations -d 0`,
		own:  "DROP TABLE schema_version",
	},
	{
		name: "sql-migrate", from: "migrations",
		half: `sql-migrate up -limit=3`,
		all:  `sql-migrate up`,
		none: `sql-migrate down -limit=0`,
		own:  "DROP TABLE gorp_migrations",
	},
	{
		name: "node-pg-migrate", from: "migrations",
		half: `node-pg-migrate up 3`,
		all:  `node-pg-migrate up`,
		none: `node-pg-migrate down 6`,
		own:  "DROP TABLE pgmigrations",
	},
	{
		name: "knex",
		half: `for i in 1 2 3; do knex migrate:up || exit; done`,
		all:  `knex migrate:latest`,
		none: `knex migrate:rollback --all`,
		own:  "DROP TABLE knex_migrations, knex_migrations_lock",
	},
	{
		name: "rails",
		half: `VERSION=20240103000000 ruby rails.rb db:migrate`,
		all:  `ruby rails.rb db:migrate`,
		none: `STEP=6 ruby rails.rb db:rollback`,
		own:  "DROP TABLE schema_migrations, ar_internal_metadata",
	},
	{
		name: "drizzle", from: "drizzle",
		half: `cp -r drizzle half && node -e '
			const fs = require("fs"), file = "half/meta/_journal.json", journal = JSON.parse(fs.readFileSync(file));
			journal.entries.length = 3; fs.writeFileSync(file, JSON.stringify(journal))' &&
			OUT=./half drizzle-kit migrate`,
		all: `OUT=./drizzle drizzle-kit migrate`,
		own: "DROP SCHEMA drizzle CASCADE",
	},
	{
		name: "sqitch", from: ".",
		half: `sqitch --quiet deploy "db:pg:${DATABASE_URL#postgres:}" --to @v1`,
		all:  `sqitch --quiet deploy "db:pg:${DATABASE_URL#postgres:}"`,
		none: `sqitch --quiet revert -y "db:pg:${DATABASE_URL#postgres:}"`,
		own:  "DROP SCHEMA sqitch CASCADE",
	},
}

func TestHalfway(t *testing.T) {
	programs := programs(t)
	t.Run("", func(t *testing.T) {
		for _, tool := range otherTools {
			t.Run(tool.name, func(t *testing.T) {
				t.Parallel()
				theirs, ours := newPlace(t, tool, programs), newPlace(t, tool, programs)
				theirs.run(tool.all)
				ours.run(tool.half)
				ours.failing(tool.all)
				if tool.from != "" {
					ours.run(fmt.Sprintf("rung import %s --check '%s'", tool.from, tool.all))
				}
				ours.refused("rung up", "`rung adopt`")
				if tool.open != "" {
					ours.refused("rung adopt", "--as-applied 000004 where all of it is there, "+tool.open)
				}
				ours.run("rung adopt " + tool.open)
				ours.run("rung adopt " + tool.open) // once more changes nothing
				ours.run("rung up")
				same(t, "rung goes on where "+tool.name+" stopped", theirs.dump(tool), ours.dump(tool))
				if tool.none != "" {
					theirs.run(tool.none)
					ours.run("rung down --to 0 --yes")
					same(t, "all is reverted", theirs.dump(tool), ours.dump(tool))
				}
			})
		}
	})
}

// The pages docs/from show what their commands print.
func TestPages(t *testing.T) {
	pages, err := filepath.Glob("../../docs/from/*.md")
	if err != nil || len(pages) == 0 {
		t.Fatalf("no pages: %v", err)
	}
	examples, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	programs := programs(t)
	t.Run("", func(t *testing.T) {
		for _, page := range pages {
			t.Run(strings.TrimSuffix(filepath.Base(page), ".md"), func(t *testing.T) {
				t.Parallel()
				p := docspage.Page{Dir: filepath.Join(t.TempDir(), "app"), Address: pgtest.URL(t), Path: programs}
				p.Env = append(settings(t), "EXAMPLES="+examples)
				p.Test(t, page, *update)
			})
		}
	})
}

// settings are what some of the tools want of the environment.
func settings(t *testing.T) []string {
	modules, err := filepath.Abs("../../bin/other-tools/npm/node_modules")
	if err != nil {
		t.Fatal(err)
	}
	return []string{"NODE_PATH=" + modules, "SQITCH_FULLNAME=Ann", "SQITCH_EMAIL=ann@example.com"}
}

// programs is a directory with rung, to put in front of the tools on PATH.
func programs(t *testing.T) string {
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, filepath.Join(dir, "rung")); err != nil {
		t.Fatal(err)
	}
	tools, err := filepath.Abs("../../bin/other-tools")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join([]string{dir, tools, filepath.Join(tools, "npm/node_modules/.bin"), os.Getenv("PATH")}, ":")
}

// place is a copy of a tool's directory, and a database.
type place struct {
	t            *testing.T
	dir, address string
	env          []string
}

func newPlace(t *testing.T, tool otherTool, path string) *place {
	t.Helper()
	p := &place{t: t, dir: filepath.Join(t.TempDir(), "app"), address: pgtest.URL(t)}
	if err := os.CopyFS(p.dir, os.DirFS(filepath.Join("testdata", tool.name))); err != nil {
		t.Fatal(err)
	}
	p.env = append(settings(t), "DATABASE_URL="+p.address, "RUNG_DIR="+cmp.Or(tool.dir, "sql"), "PATH="+path, "HOME="+p.dir, "TZ=UTC", "LC_ALL=C.UTF-8")
	return p
}

// command runs a shell command in the place, and returns what it printed.
func (p *place) command(command string) (string, error) {
	ctx, cancel := context.WithTimeout(p.t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "-c", command)
	cmd.Dir, cmd.Env, cmd.WaitDelay = p.dir, p.env, 10*time.Second
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (p *place) run(command string) {
	p.t.Helper()
	out, err := p.command(command)
	if err != nil {
		p.t.Fatalf("%s: %v\n%s", command, err, out)
	}
	p.t.Logf("$ %s\n%s", command, out)
}

// failing is a command that fails in its fourth migration, which is made right again.
func (p *place) failing(command string) {
	p.t.Helper()
	was := map[string][]byte{}
	err := filepath.WalkDir(p.dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil || !bytes.Contains(text, []byte("CREATE TABLE notes (")) {
			return err
		}
		was[path] = text
		return os.WriteFile(path, bytes.Replace(text, []byte("CREATE TABLE notes ("), []byte("CREATE TABLE notes (wrong wrong, "), 1), 0o600)
	})
	if err != nil {
		p.t.Fatal(err)
	}
	if out, err := p.command(command); err == nil {
		p.t.Fatalf("%s does not fail:\n%s", command, out)
	}
	for path, text := range was {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			p.t.Fatal(err)
		}
	}
}

// refused is a command that fails and says what to do.
func (p *place) refused(command, do string) {
	p.t.Helper()
	out, err := p.command(command)
	if err == nil || !strings.Contains(out, do) {
		p.t.Fatalf("%s is not refused: %v\n%s", command, err, out)
	}
}

// dump is schema and data, without the tool's history.
func (p *place) dump(tool otherTool) string {
	p.t.Helper()
	u, err := url.Parse(p.address)
	if err != nil {
		p.t.Fatal(err)
	}
	name := strings.TrimPrefix(u.Path, "/")
	u.Path = "/postgres"
	server := u.String()
	pgtest.Exec(p.t, server, "CREATE DATABASE "+name+"_clean TEMPLATE "+name)
	defer pgtest.Exec(p.t, server, "DROP DATABASE "+name+"_clean WITH (FORCE)")
	u.Path = "/" + name + "_clean"
	pgtest.Exec(p.t, u.String(), tool.own)
	return pgtest.Dump(p.t, u.String())
}

func same(t *testing.T, what, theirs, ours string) {
	t.Helper()
	if theirs != ours {
		t.Errorf("%s: the databases differ\n%s", what, udiff.Unified("theirs", "ours", theirs, ours))
	}
}
