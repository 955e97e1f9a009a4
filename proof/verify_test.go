package proof

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"rung/internal/pgtest"
	"rung/runner"
)

// ladder names the files of a directory: up and down of each version in turn;
// a down of "" is none.
func ladder(t *testing.T, scripts ...string) *runner.Directory {
	t.Helper()
	var files []string
	for i := 0; i < len(scripts); i += 2 {
		base := string(rune('0'+(i/2+1)/10)) + string(rune('0'+(i/2+1)%10)) + "_x"
		files = append(files, base+".up.sql", scripts[i])
		if scripts[i+1] != "" {
			files = append(files, base+".down.sql", scripts[i+1])
		}
	}
	return directory(t, files...)
}

// Every kind of file that production runs comes through a verify.
func TestVerifyFiles(t *testing.T) {
	t.Parallel()
	r := mustVerify(t, VerifyConfig{Jobs: 1, Dir: ladder(t,
		// 1: its own transaction
		"BEGIN;\nCREATE TABLE t (id int PRIMARY KEY, n int, at timestamptz);\nINSERT INTO t SELECT g FROM generate_series(1, 20) AS g;\nCOMMIT;", "DROP TABLE t;",
		// 2: CONCURRENTLY
		"CREATE INDEX CONCURRENTLY t_n ON t (n);\nCREATE INDEX CONCURRENTLY t_at ON t (at);", "DROP INDEX CONCURRENTLY t_n;\nDROP INDEX CONCURRENTLY t_at;",
		// 3: COPY
		"CREATE TABLE c (id int, s text);\nCOPY c FROM stdin;\n1\tone\n2\ttwo\n\\.\n", "DROP TABLE c;",
		// 4: batches
		"-- rung:batch key=t.id rows=5\nUPDATE t SET n = id WHERE id BETWEEN $1 AND $2;", "-- rung:batch key=t.id rows=5\nUPDATE t SET n = NULL WHERE id BETWEEN $1 AND $2;",
		// 5: a procedure that commits
		"-- rung:no-transaction\nCREATE PROCEDURE p() LANGUAGE plpgsql AS 'BEGIN UPDATE t SET n = 1; COMMIT; UPDATE t SET n = 2; COMMIT; END';\nCALL p();", "DROP PROCEDURE p;\nUPDATE t SET n = id;",
		// 6: values that are others each time
		"CREATE TABLE v (id int GENERATED ALWAYS AS IDENTITY, u uuid DEFAULT gen_random_uuid(), at timestamptz DEFAULT now());\nINSERT INTO v DEFAULT VALUES;", "DROP TABLE v;",
		// 7: the same, in a table that stays
		"UPDATE t SET at = clock_timestamp();", "UPDATE t SET at = NULL;",
		// 8: white space
		"CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';", "DROP FUNCTION f;",
		"CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 2';", "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS '  SELECT\n1';",
		// 10: an up that depends on how often it ran
		"CREATE SEQUENCE s;\nCREATE TABLE w (n int);", "DROP TABLE w;\nDROP SEQUENCE s;",
		"INSERT INTO w SELECT nextval('s');", "DELETE FROM w;",
		// 12: large tables
		"CREATE TABLE big (id int PRIMARY KEY, n int);\nINSERT INTO big SELECT g, g FROM generate_series(1, 12000) AS g;", "DROP TABLE big;",
		"UPDATE big SET n = n + 1;", "UPDATE big SET n = n - 1;",
		"UPDATE big SET n = n + 1;", "UPDATE big SET n = n - 1 WHERE id > 1;",
		// 15: no key
		"INSERT INTO c VALUES (1, 'one'), (3, NULL);", "DELETE FROM c WHERE id = 3;",
		"DELETE FROM c WHERE id = 2;", "-- rung:irreversible the twos are gone",
		// 17: an enum value under another name
		"CREATE TYPE m AS ENUM ('a', 'b');", "DROP TYPE m;",
		"ALTER TYPE m RENAME VALUE 'a' TO 'c';", "ALTER TYPE m RENAME VALUE 'c' TO 'd';",
	)})
	wantSaid(t, r,
		"ok", "ok", "ok", "ok", "ok", "ok", "ok", "ok",
		"ok\nnotice: body of public.f() comes back with other white space",
		"ok",
		"up is not repeatable\nnotice: sequence public.s stood at its start before the up and stands at 1 after the down\n"+
			"up is not repeatable: the second up has other rows: public.w, 1 of 1 row",
		"ok", "ok",
		"data differs\ndata differs: public.big",
		"data differs\ndata differs: public.c, 1 of 2 rows (new is {\"s\": \"one\", \"id\": 1})",
		"irreversible: the twos are gone",
		"ok",
		"down loses\ndown loses: value 'a' of public.m\ndown leaves behind: value 'd' of public.m\n"+
			"up is not repeatable: sql/18_x.up.sql:1:1: \"a\" is not an existing enum label (22023)",
	)
}

// What a file sets for the database holds from the next version on, as in a
// later deploy, and no longer than its down lets it.
func TestVerifySettings(t *testing.T) {
	t.Parallel()
	set := func(how string) string {
		return "DO $$BEGIN EXECUTE format('ALTER DATABASE %I " + how + "', current_database()); END$$;"
	}
	r := mustVerify(t, VerifyConfig{Jobs: 1, Dir: ladder(t,
		"SELECT 1 / (current_setting('work_mem') <> '7MB')::int;\n"+set("SET work_mem = ''7MB''"), "SELECT 1 / (current_setting('work_mem') = '7MB')::int;\n"+set("RESET work_mem"),
		"SELECT 1 / (current_setting('work_mem') = '7MB')::int;", "SELECT 1 / (current_setting('work_mem') = '7MB')::int;",
	)})
	wantSaid(t, r, "ok", "ok")
}

// Roles are the server's, so they need one of rung's own.
func TestVerifyRoles(t *testing.T) {
	t.Parallel()
	r, err := Verify(t.Context(), VerifyConfig{Jobs: 2, Dir: ladder(t,
		"CREATE TABLE t (id int);\nGRANT SELECT ON t TO app_reader;", "DROP TABLE t;",
		"CREATE ROLE app_writer;\nGRANT INSERT ON t TO app_writer;", "DROP OWNED BY app_writer;\nDROP ROLE app_writer;",
		"CREATE ROLE app_admin;", "SELECT 1;",
		"GRANT app_admin TO app_reader;", "REVOKE app_admin FROM app_reader;",
		"CREATE TABLE a1 (id int);", "DROP TABLE a1;",
		"CREATE TABLE a2 (id int);", "DROP TABLE a2;",
		"CREATE TABLE a3 (id int);", "DROP TABLE a3;",
		"CREATE TABLE a4 (id int);", "DROP TABLE a4;",
		"CREATE TABLE a5 (id int);", "SELECT 1;",
		"CREATE TABLE a6 (id int);", "DROP TABLE a6;",
	)})
	if err != nil {
		t.Fatal(err)
	}
	wantSaid(t, r, "ok", "ok",
		"down leaves behind\ndown leaves behind: role app_admin\nup is not repeatable: sql/03_x.up.sql:1:1: role \"app_admin\" already exists (42710)",
		"ok", "ok", "ok", "ok", "ok",
		"down leaves behind\ndown leaves behind: table public.a5\nup is not repeatable: sql/09_x.up.sql:1:1: relation \"a5\" already exists (42P07)", "ok")
	if want := "role app_reader does not exist on the scratch server: made it, without rights, since files name it"; !slices.Contains(r.Notes, want) {
		t.Errorf("notes %q", r.Notes)
	}
}

// A seed file is loaded where its name says, and its rows are what a down loses.
func TestVerifySeeds(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"roles.sql":   "CREATE SCHEMA app;",
		"1_notes.sql": "BEGIN;\nCOPY t (id, note) FROM stdin;\n1\tkeep me\n2\t\\N\n\\.\nCOMMIT;",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	seeds, err := FindSeeds(dir)
	if err != nil {
		t.Fatal(err)
	}
	r := mustVerify(t, VerifyConfig{Seeds: seeds, Dir: ladder(t,
		"CREATE TABLE t (id int PRIMARY KEY, note text);\nCREATE TABLE app.u (id int);", "DROP TABLE t;\nDROP TABLE app.u;",
		"ALTER TABLE t DROP COLUMN note;", "ALTER TABLE t ADD COLUMN note text;",
	)})
	wantSaid(t, r, "ok", "data differs\ndata differs: public.t, 1 of 2 rows (id 1: note was \"keep me\", is null)")

	wrong := runner.Version("7")
	_, err = Verify(t.Context(), VerifyConfig{Seeds: []Seed{{Path: "7_x.sql", After: &wrong}}, Dir: ladder(t, "SELECT 1;", "")})
	if err == nil || !strings.Contains(err.Error(), "which sql does not have") {
		t.Error(err)
	}
}

// Without rows most losses of data go unseen; made ones show them.
func TestVerifyAutoSeed(t *testing.T) {
	t.Parallel()
	scripts := []string{
		`CREATE TYPE st AS ENUM ('new', 'done', 'gone');
CREATE DOMAIN mail AS varchar(40) CHECK (VALUE LIKE '%@%');
CREATE TABLE orgs (id serial PRIMARY KEY, name varchar(8) NOT NULL UNIQUE, parent int REFERENCES orgs);
CREATE TABLE users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, org_id int NOT NULL REFERENCES orgs, st st NOT NULL DEFAULT 'new',
  kind text NOT NULL CHECK (kind IN ('person', 'robot')), note text, memo text, tags text[], data jsonb, at timestamptz DEFAULT now(), r int4range, age int CHECK (age > 10));
CREATE TABLE mails (user_id bigint REFERENCES users, mail mail NOT NULL);
CREATE TABLE odd (id int NOT NULL CHECK (md5(id::text) LIKE 'abcd%'));`, "DROP TABLE odd, mails, users, orgs;\nDROP DOMAIN mail;\nDROP TYPE st;",
		"ALTER TABLE users DROP COLUMN note;", "ALTER TABLE users ADD COLUMN note text;",
		"ALTER TABLE orgs ALTER COLUMN name TYPE varchar(6) USING left(name, 6);", "ALTER TABLE orgs ALTER COLUMN name TYPE varchar(8);",
		"UPDATE users SET memo = '' WHERE memo IS NULL;\nALTER TABLE users ALTER COLUMN memo SET NOT NULL;", "ALTER TABLE users ALTER COLUMN memo DROP NOT NULL;",
		"ALTER TABLE users ALTER COLUMN tags SET NOT NULL;", "ALTER TABLE users ALTER COLUMN tags DROP NOT NULL;",
		"ALTER TABLE odd ADD COLUMN x int;", "ALTER TABLE odd DROP COLUMN x;",
		"UPDATE users SET st = 'done' WHERE st = 'gone';", "SELECT 1;",
	}
	bare := mustVerify(t, VerifyConfig{Jobs: 1, Dir: ladder(t, scripts...)})
	wantVerdicts(t, bare, "ok", "column order", "ok", "ok", "ok", "ok", "ok")

	r := mustVerify(t, VerifyConfig{Jobs: 1, AutoSeed: true, Dir: ladder(t, scripts...)})
	wantVerdicts(t, r, "ok", "data differs", "data differs", "data differs", "ok", "ok", "data differs")
	notes := strings.Join(r.Notes, "\n")
	if !strings.Contains(notes, `no rows for public.odd: new row for relation "odd" violates check constraint "odd_id_check"`) {
		t.Errorf("notes %q", r.Notes)
	}
	if found := r.Versions[4].Findings; len(found) == 0 || !strings.Contains(found[0].What, "with the rows that --seed auto made the up fails") {
		t.Errorf("%+v", found)
	}
}

func wantVerdicts(t *testing.T, r *VerifyReport, want ...string) {
	t.Helper()
	for i, v := range r.Versions {
		if i >= len(want) || string(v.Verdict) != want[i] {
			t.Errorf("version %s:\n%s\nnotes %q", v.Version, indent(said(v)), r.Notes)
		}
	}
}

// --since takes what differs from a commit: changed, new and removed files.
func TestChangedSince(t *testing.T) {
	t.Parallel()
	repo := t.TempDir()
	dir := filepath.Join(repo, "sql")
	run := func(args ...string) {
		t.Helper()
		cmd := exec.Command("git", append([]string{"-c", "user.name=x", "-c", "user.email=x@example.com"}, args...)...)
		cmd.Dir = repo
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	file := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, v := range []string{"1", "2", "3", "4"} {
		file(v+"_x.up.sql", "SELECT 1;\n")
		file(v+"_x.down.sql", "SELECT 1;\n")
	}
	run("init", "-q")
	run("add", ".")
	run("commit", "-qm", "first")
	file("2_x.down.sql", "SELECT 2;\n")
	run("commit", "-qam", "second")
	file("5_ä.up.sql", "SELECT 1;\n")
	file("notes.txt", "none\n")
	if err := os.Remove(filepath.Join(dir, "4_x.down.sql")); err != nil {
		t.Fatal(err)
	}
	got, err := ChangedSince(t.Context(), dir, "HEAD~1", false)
	slices.Sort(got)
	if err != nil || !slices.Equal(got, []runner.Version{"2", "4", "5"}) {
		t.Error(got, err)
	}
	got, err = ChangedSince(t.Context(), repo, "HEAD~1", true)
	slices.Sort(got)
	if err != nil || !slices.Equal(got, []runner.Version{"2", "4", "5"}) {
		t.Error(got, err)
	}
	if got, err = ChangedSince(t.Context(), repo, "HEAD~1", false); err != nil || len(got) > 0 {
		t.Error(got, err)
	}
	for ref, want := range map[string]string{"nowhere": "no such commit", "--output=x": "no such commit"} {
		if _, err := ChangedSince(t.Context(), dir, ref, false); err == nil || !strings.Contains(err.Error(), want) {
			t.Error(ref, err)
		}
	}
}

// On somebody else's server only what rung made is dropped, and all of it.
func TestScratchLeavesOthersAlone(t *testing.T) {
	t.Parallel()
	url := pgtest.Server(t).URL("")
	pgtest.Exec(t, url, "CREATE DATABASE rung_scratch_of_another")
	s, err := OpenScratch(t.Context(), scratchOn(t, url))
	if err != nil {
		t.Fatal(err)
	}
	d, err := s.Create(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Clone(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	if err := s.Drop(t.Context(), &Database{Name: "rung_scratch_of_another"}); err == nil {
		t.Error("dropped the database of another")
	}
	if made, err := s.makeLacking(t.Context(), lack{"role", "r"}); made || err != nil {
		t.Error("made a role", err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if got := pgtest.QueryStrings(t, url, "SELECT datname FROM pg_database WHERE datname LIKE 'rung%'"); !slices.Equal(got, []string{"rung_scratch_of_another"}) {
		t.Errorf("left are %q", got)
	}
}
