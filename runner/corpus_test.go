package runner

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rung/internal/pgtest"
	"rung/internal/sandbox"
)

// corpus is a directory such as golang-migrate runs today: the files of
// testdata/corpus, a dump as the first one, and plain ones between, with
// versions of all widths and gaps.
func corpus(t testing.TB, dump string) pairs {
	t.Helper()
	f := pairs{}
	paths, err := filepath.Glob("testdata/corpus/*.sql")
	if err != nil || len(paths) < 80 {
		t.Fatalf("%d files: %v", len(paths), err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		must(t, err)
		f[filepath.Base(path)] = string(text)
	}
	f["0_dump.up.sql"] = dump
	f["0_dump.down.sql"] = "DROP SCHEMA dumped CASCADE;\n"
	for i := range 150 {
		version := fmt.Sprintf([]string{"%d", "%04d", "%06d", "%012d"}[i%4], 100+i*3+i/40*1000)
		up, down := plainMigration(i)
		f[version+"_plain.up.sql"], f[version+"_plain.down.sql"] = up, down
	}
	return f
}

// plainMigration is number i of what most migrations are.
func plainMigration(i int) (up, down string) {
	table := fmt.Sprintf("plain_%d", i/6*6)
	switch i % 6 {
	case 0:
		up = fmt.Sprintf("CREATE TABLE %s (\n  id serial PRIMARY KEY,\n  a text NOT NULL DEFAULT 'a;%d'\n);\n", table, i)
		down = fmt.Sprintf("DROP TABLE IF EXISTS %s;\n", table)
	case 1:
		up = fmt.Sprintf("BEGIN;\n\nALTER TABLE %s ADD COLUMN b int;\nALTER TABLE %[1]s ADD CONSTRAINT %[1]s_b CHECK (b <> %d);\n\nCOMMIT;\n", table, i)
		down = fmt.Sprintf("BEGIN;\nALTER TABLE %s DROP COLUMN b;\nCOMMIT;\n", table)
	case 2:
		up = fmt.Sprintf("insert into %s (a) select 'row ' || n from generate_series(1, %d) as n;\nupdate %[1]s set b = id * 2 where id %% 2 = 0", table, i)
		down = fmt.Sprintf("delete from %s", table)
	case 3:
		up = fmt.Sprintf("CREATE INDEX CONCURRENTLY IF NOT EXISTS %s_a ON %[1]s (a);\n", table)
		down = fmt.Sprintf("DROP INDEX CONCURRENTLY IF EXISTS %s_a;\n", table)
	case 4:
		up = fmt.Sprintf("CREATE FUNCTION %s_f() RETURNS trigger AS $$\nBEGIN\n  NEW.a = NEW.a || ';';\n  RETURN NEW;\nEND;\n$$ LANGUAGE plpgsql;\nCREATE TRIGGER f BEFORE UPDATE ON %[1]s FOR EACH ROW EXECUTE PROCEDURE %[1]s_f();\n", table)
		down = fmt.Sprintf("DROP TRIGGER f ON %s;\nDROP FUNCTION %[1]s_f;\n", table)
	case 5:
		up = fmt.Sprintf("/* %d */ UPDATE %s SET a = upper(a);\nALTER TABLE %[2]s ALTER COLUMN a TYPE varchar(100), ALTER b SET DEFAULT %[1]d;\n", i, table)
		down = fmt.Sprintf("ALTER TABLE %s ALTER COLUMN a TYPE text, ALTER b DROP DEFAULT;\n", table)
	}
	if i%7 == 0 && i%6 != 4 { // psql would keep the CR in a function's body
		up = strings.ReplaceAll(up, "\n", "\r\n")
	}
	return up, down
}

// nasty is a database whose dump holds all that a COPY block may.
const nasty = `
CREATE SCHEMA dumped;
CREATE TABLE dumped.empty (id int);
CREATE TABLE dumped.texts (id serial PRIMARY KEY, "a;b" text, bytes bytea, list text[], j jsonb, at timestamptz DEFAULT '2024-01-01 00:00:00+00');
INSERT INTO dumped.texts ("a;b", bytes, list, j) VALUES
  (E'tab\there', '\x00ff5c0a', ARRAY['a,b', 'c"d', NULL, ''], '{"a": "x\ty"}'),
  (E'back\\slash \\. \\n \\N', NULL, '{}', 'null'),
  (E'new\nline\n\\.\n.\n', '', NULL, NULL),
  (E'\r\n carriage \r return', NULL, NULL, '[]'), ('', NULL, NULL, NULL), (NULL, NULL, NULL, NULL),
  (E'\\.', NULL, ARRAY[E'\\.', E'\n'], NULL), (E'\\', NULL, NULL, NULL), (E'\\restrict x', NULL, NULL, NULL),
  ('emoji 🐘👩‍👩‍👧 ünï', NULL, NULL, '"🐘"'), (E'\x01\x07\b\f\v\x7f', NULL, NULL, NULL),
  ('''; DROP TABLE x; --', NULL, NULL, NULL), ('-- rung:no-transaction', NULL, NULL, NULL), (repeat('long 🐘 ', 20000), NULL, NULL, NULL);
CREATE VIEW dumped.v AS SELECT id, "a;b" FROM dumped.texts WHERE "a;b" ~ ';';
CREATE FUNCTION dumped.f(text) RETURNS text LANGUAGE plpgsql AS $_$ BEGIN RETURN $1 || ';' || $$ ' $$; END $_$;
CREATE TABLE dumped.refers (id int REFERENCES dumped.texts);
INSERT INTO dumped.refers SELECT id FROM dumped.texts;
COMMENT ON TABLE dumped.refers IS 'a; comment
in two lines; \.';
`

// dumped is what pg_dump makes of it, unchanged.
func dumped(t testing.TB) string {
	t.Helper()
	url := pgtest.URL(t)
	if !dumpable(t, url) {
		// A dump of an older server is what an upgrade brings along anyway.
		dir, _ := filepath.Glob(fmt.Sprintf("/usr/lib/postgresql/%d/bin", pgDumpVersion()))
		if len(dir) == 0 {
			t.Fatalf("no server for pg_dump %d", pgDumpVersion())
		}
		url = pgtest.Database(t, pgtest.ServerWith(t, sandbox.Config{Trust: true, BinDir: dir[0]}).URL(""))
	}
	pgtest.Exec(t, url, nasty)
	cmd := exec.Command("pg_dump", "--schema=dumped", "--no-owner", url)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	must(t, err)
	return string(out)
}

// psql runs files as a person would, each in a session of its own.
func psql(t testing.TB, url string, paths ...string) {
	t.Helper()
	args := []string{"-X", "-q", "-v", "ON_ERROR_STOP=1"}
	for _, path := range paths {
		args = append(args, "-c", `\connect -reuse-previous=on`, "-f", path)
	}
	cmd := exec.Command("psql", append(args, url)...)
	cmd.Env = append(os.Environ(), "PGCLIENTENCODING=UTF8")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("psql: %v\n%s", err, out)
	}
}

const corpusRoles = `DO $$BEGIN CREATE ROLE corpus_owner; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END$$`

// A directory that golang-migrate runs today ends in the same schema and data
// as file by file in psql, up and down, and so does what plan --sql prints.
func TestCorpus(t *testing.T) {
	t.Parallel()
	f := corpus(t, dumped(t))
	got, want, hand := pgtest.URL(t), pgtest.URL(t), pgtest.URL(t)
	if v := pgtest.Major(t, got); v >= 18 && psqlVersion() < 18 {
		t.Logf("not run on %d: 0038_copy_csv, since psql %d sends the line \\. of a csv block along, and servers from 18 on take it for data", v, psqlVersion())
		f = f.without("0038_copy_csv.up.sql", "0038_copy_csv.down.sql")
	}
	dir := load(t, f)
	if n := len(dir.Migrations); n < 190 {
		t.Errorf("only %d migrations", n)
	}
	pgtest.Exec(t, got, corpusRoles)
	path := f.write(t)
	began := time.Now()
	rep := up(t, got, f)
	t.Logf("rung: %d files in %s", len(rep.Done), time.Since(began))
	began = time.Now()
	var paths []string
	for _, m := range dir.Migrations {
		paths = append(paths, path+strings.TrimPrefix(m.Up.Path, "sql"))
	}
	psql(t, want, paths...)
	t.Logf("psql: %s", time.Since(began))
	sameDatabases(t, got, want)
	corpusRecord(t, got, dir)
	runByHand(t, hand, byHandScript(t, hand, dir, Up, UpRequest{}))
	sameRecord(t, hand, got)
	if t.Failed() {
		return
	}

	left := dir.Migrations
	for _, to := range []Version{"100", "27", "0"} {
		down(t, got, f, Request{To: &to})
		var paths []string
		for len(left) > 0 && (to == "0" || left[len(left)-1].Version.Compare(to) > 0) {
			paths = append(paths, path+strings.TrimPrefix(left[len(left)-1].Down.Path, "sql"))
			left = left[:len(left)-1]
		}
		psql(t, want, paths...)
		if g, w := pgtest.Snapshot(t, got), pgtest.Snapshot(t, want); g != w {
			t.Errorf("down to %s: not the same\n%s", to, differing(g, w))
		}
	}
	runByHand(t, hand, byHandScript(t, hand, dir, Down, UpRequest{Request: Request{To: version("0")}}))
	if g, w := pgtest.Snapshot(t, hand), pgtest.Snapshot(t, got); g != w {
		t.Errorf("down by hand: not the same\n%s", differing(g, w))
	}
	if rows := pgtest.QueryString(t, got, "SELECT (SELECT count(*) FROM rung.migrations) + (SELECT count(*) FROM rung.steps)"); rows != "0" {
		t.Errorf("%s rows are left in the history", rows)
	}
}

// corpusRecord checks that the history tells the directory's own story.
func corpusRecord(t *testing.T, url string, dir *Directory) {
	t.Helper()
	rows := pgtest.QueryStrings(t, url, "SELECT version, name, state, up_checksum, down_checksum, up_sql IS NOT NULL, down_sql IS NOT NULL, duration >= '0' FROM rung.migrations ORDER BY version")
	log := pgtest.QueryStrings(t, url, "SELECT version FROM rung.log WHERE action = 'up' ORDER BY id")
	if len(rows) != len(dir.Migrations) || len(log) != len(rows) {
		t.Fatalf("%d rows and %d entries for %d migrations", len(rows), len(log), len(dir.Migrations))
	}
	for i, m := range dir.Migrations {
		want := fmt.Sprintf("%s|%s|applied|%s|%s|true|true|true", m.Version, m.Name, m.Up.Checksum, m.Down.Checksum)
		if rows[i] != want || log[i] != string(m.Version) {
			t.Errorf("%s, logged as %s; want %s", rows[i], log[i], want)
		}
	}
}
