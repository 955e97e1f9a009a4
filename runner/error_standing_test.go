package runner

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"rung/internal/pgtest"
	"rung/runner/internal/exec"
)

// failing is the StatementError of a run, which must be one.
func failing(t *testing.T, err error) *StatementError {
	t.Helper()
	var e *StatementError
	if !errors.As(err, &e) {
		t.Fatalf("%T: %v", err, err)
	}
	return e
}

// A file that is too long for one message is one transaction all the same, and
// its errors have their true places.
func TestErrorsInALongFile(t *testing.T) {
	t.Parallel()
	const rows = 600
	var long strings.Builder
	long.WriteString("-- ünïcödé 🐘\nCREATE TABLE long (id int PRIMARY KEY, a text);\n")
	for i := range rows {
		fmt.Fprintf(&long, "INSERT INTO long VALUES (%d, 'row %[1]d é🐘 %s');\n", i, strings.Repeat("x", 5400))
	}
	if long.Len() < 3*exec.MessageLimit {
		t.Fatal("not long enough")
	}
	url := pgtest.URL(t)
	for name, c := range map[string]struct{ last, want, source string }{
		"syntax":            {"SELECT 'é',	FROM long;", "%d:13: syntax error at or near \"FROM\" (42601)", "SELECT 'é',	FROM long;"},
		"analysis":          {"SELECT 1; SELECT 'é🐘', nothing FROM long;", "%d:24: column \"nothing\" does not exist (42703)", "SELECT 1; SELECT 'é🐘', nothing FROM long;"},
		"runtime":           {"SELECT 1;\nINSERT INTO long VALUES (7);\n", "%[2]d:1: duplicate key value violates unique constraint \"long_pkey\" (23505)", "INSERT INTO long VALUES (7);"},
		"copy":              {"COPY long FROM stdin;\n-1\tx\nfour\tx\n\\.\n", "%[3]d:1: invalid input syntax for type integer: \"four\" (22P02)", "four\tx"},
		"after copy":        {"COPY long FROM stdin;\n-1\tx\n\\.\nSELECT nothing;\n", "%[4]d:8: column \"nothing\" does not exist (42703)", "SELECT nothing;"},
		"a statement alone": {"SELECT '" + strings.Repeat("🐘", exec.MessageLimit/4) + "', nothing;", fmt.Sprintf("%%d:%d: column \"nothing\" does not exist (42703)", exec.MessageLimit/4+12), ""},
	} {
		_, err := upFails(t, url, pairs{"1_long.up.sql": long.String() + c.last})
		e := failing(t, err)
		at := rows + 3
		want := fmt.Sprintf("sql/1_long.up.sql:"+c.want, at, at+1, at+2, at+3)
		want, _, _ = strings.Cut(want, "%!(EXTRA")
		if e.Error() != want || c.source != "" && e.Source != c.source {
			t.Errorf("%s: %s, want %s\n%.200s", name, e.Error(), want, e.Source)
		}
		if n := pgtest.QueryString(t, url, "SELECT (SELECT count(*) FROM rung.migrations) + (SELECT count(*) FROM pg_class WHERE relname = 'long')"); n != "0" {
			t.Errorf("%s: something is left", name)
		}
	}
	up(t, url, pairs{"1_long.up.sql": long.String()})
	if n := pgtest.QueryString(t, url, "SELECT count(*) FROM long"); n != fmt.Sprint(rows) {
		t.Errorf("%s rows", n)
	}
}

// A SQL_ASCII database counts bytes, and the caret stands under the character.
func TestErrorsInSQLASCII(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ sql, want string }{
		"analysis":  {"-- ünïcödé 🐘\nSELECT 'é🐘', nothing;\n", "sql/1_a.up.sql:2:14: column \"nothing\" does not exist (42703)"},
		"syntax":    {"-- ünïcödé 🐘\nSELECT 'é🐘' x FROM;\n", "sql/1_a.up.sql:2:19: syntax error at or near \";\" (42601)"},
		"in a body": {"-- ünïcödé 🐘\nCREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$\n  SELECT 1 WHERE 'é🐘' = nothing\n$$;\n", "sql/1_a.up.sql:3:25: column \"nothing\" does not exist (42703)"},
	} {
		_, err := upFails(t, encoded(t, "SQL_ASCII"), pairs{"1_a.up.sql": c.sql})
		if e := failing(t, err); e.Error() != c.want || e.Caret != e.Col {
			t.Errorf("%s: %s, and a caret at %d", name, e, e.Caret)
		}
	}
}

// What an error says of the state of things is so.
func TestStanding(t *testing.T) {
	t.Parallel()
	f := pairs{
		"1_a.up.sql": "CREATE TABLE a (id int);\n", "1_a.down.sql": "DROP TABLE a;\n",
		"2_b.up.sql": "CREATE TABLE b (id int);\n", "2_b.down.sql": "DROP TABLE b;\n",
	}
	with := func(name, sql string) pairs { return f.with(pairs{name: sql}) }
	state := func(url string) string {
		return pgtest.QueryString(t, url, "SELECT coalesce(string_agg(version || ' ' || state, ', ' ORDER BY version), '') FROM rung.migrations") + "; " +
			pgtest.QueryString(t, url, "SELECT coalesce(string_agg(relname, ' ' ORDER BY relname), '') FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i')")
	}
	for name, c := range map[string]struct {
		before, files  pairs
		down, together bool
		standing, left string
	}{
		"the first file":           {files: with("1_a.up.sql", "SELECT 1/0;"), standing: "no changes from 1_a were applied", left: "; "},
		"the second file":          {files: with("2_b.up.sql", "SELECT 1/0;"), standing: "no changes from 2_b were applied; 1 migration before it was applied", left: "1 applied; a"},
		"the second run":           {before: f, files: with("3_c.up.sql", "SELECT 1/0;"), standing: "no changes from 3_c were applied", left: "1 applied, 2 applied; a b"},
		"all together":             {files: with("2_b.up.sql", "SELECT 1/0;"), together: true, standing: "all of it was rolled back: no changes from this run were applied", left: "; "},
		"a later step":             {files: with("3_c.up.sql", "CREATE INDEX CONCURRENTLY i ON a (id);\nSELECT 1/0;"), standing: "3_c is applied up to step 1 of 2; the next `rung up` resumes there; 2 migrations before it were applied", left: "1 applied, 2 applied, 3 applying; a b i"},
		"an INVALID index":         {before: f, files: with("3_c.up.sql", "CREATE INDEX CONCURRENTLY i ON a ((1/(id-id)));"), standing: "no changes from 3_c were applied", left: "1 applied, 2 applied, 3 applying; a b"},
		"down":                     {before: with("2_b.down.sql", "SELECT 1/0;"), files: with("2_b.down.sql", "SELECT 1/0;"), down: true, standing: "2_b is still applied, unchanged", left: "1 applied, 2 applied; a b"},
		"down, the second file":    {before: with("1_a.down.sql", "SELECT 1/0;"), files: with("1_a.down.sql", "SELECT 1/0;"), down: true, standing: "1_a is still applied, unchanged; 1 migration before it was reverted", left: "1 applied; a"},
		"down, a later step":       {before: with("2_b.down.sql", "BEGIN; DROP TABLE b; COMMIT; SELECT 1/0;"), files: with("2_b.down.sql", "BEGIN; DROP TABLE b; COMMIT; SELECT 1/0;"), down: true, standing: "2_b is reverted up to step 1 of 2; the next `rung down` resumes there", left: "1 applied, 2 reverting; a"},
		"at COMMIT":                {files: with("2_b.up.sql", "CREATE TABLE c (id int PRIMARY KEY, p int REFERENCES c INITIALLY DEFERRED); INSERT INTO c VALUES (1, 2);"), standing: "no changes from 2_b were applied; 1 migration before it was applied", left: "1 applied; a"},
		"a function's side effect": {files: with("2_b.up.sql", "CREATE TABLE b (id int); DO $$BEGIN INSERT INTO a VALUES (1); RAISE 'no'; END$$;"), standing: "no changes from 2_b were applied; 1 migration before it was applied", left: "1 applied; a"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := pgtest.URL(t)
			if c.before != nil {
				up(t, url, c.before)
				pgtest.Exec(t, url, "INSERT INTO a VALUES (1)")
			}
			r := testRunner(t, url, load(t, c.files))
			var err error
			if c.down {
				_, err = r.Down(testContext(t), Request{To: version("0")})
			} else {
				_, err = r.Up(testContext(t), UpRequest{Together: c.together})
			}
			if e := failing(t, err); e.Standing != c.standing {
				t.Errorf("%s, want %s", e.Standing, c.standing)
			}
			if got := state(url); got != c.left {
				t.Errorf("left is %q, want %q", got, c.left)
			}
		})
	}
}

// Rung's own advice, beside the server's.
func TestHints(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	pgtest.Exec(t, url, "CREATE TYPE mood AS ENUM ('sad'); CREATE TABLE held (id int)")
	_, err := testRunner(t, url, load(t, pairs{"1_a.up.sql": "ALTER TYPE mood ADD VALUE 'ok';\n", "2_b.up.sql": "SELECT 'ok'::mood;\n"})).Up(testContext(t), UpRequest{Together: true})
	if e := failing(t, err); e.Hint != "a value that ALTER TYPE … ADD VALUE adds cannot be used before its transaction commits; run without --single-transaction" {
		t.Error(e.Hint)
	}
	release := hold(t, url, "LOCK TABLE held")
	_, err = upFails(t, url, pairs{"1_a.up.sql": "SELECT 1;\n\nALTER TABLE held ADD a int;\n"}, func(c *Config) { c.LockTimeout, c.LockRetries = 300*time.Millisecond, 1 })
	release()
	e := failing(t, err)
	if e.Error() != "sql/1_a.up.sql:3:1: canceling statement due to lock timeout (55P03), after 2 attempts" || !strings.HasPrefix(e.Hint, "the statement waited longer than --lock-timeout") {
		t.Errorf("%v: %s", e, e.Hint)
	}
	if len(e.Blockers) != 1 || e.Blockers[0].Query != "LOCK TABLE held" {
		t.Errorf("%+v", e.Blockers)
	}
}

// hold keeps a transaction open.
func hold(t *testing.T, url, statement string) (release func()) {
	t.Helper()
	tx, done := begin(t, url)
	if _, err := tx.Exec(statement); err != nil {
		t.Fatal(err)
	}
	return done
}

// What the server lacks, and a right that the role lacks, no edit of the file fixes.
func TestAdviceOnWhatIsNotOfTheFile(t *testing.T) {
	t.Parallel()
	for state, want := range map[string]string{
		"53100": "free disk space on the server, and run `rung up` again: it resumes there",
		"53200": "put right what the server lacks, and run `rung up` again: it resumes there",
		"58030": "put right what the server lacks, and run `rung up` again: it resumes there",
		"42501": "give the role that right, or work as another one by --role, and run `rung up` again: it resumes there",
		"57014": "find out who cancelled it, and run `rung up` again: it resumes there",
		"23505": "fix the data, or edit the file from line 3 on, and run `rung up` again: the steps that ran must stay as they are; or revert it with `rung down`",
	} {
		_, err := upFails(t, pgtest.URL(t), pairs{"1_a.up.sql": "-- rung:no-transaction\nCREATE TABLE t ();\nDO $$BEGIN RAISE EXCEPTION USING ERRCODE = '" + state + "'; END$$;\n"})
		if e := failing(t, err); e.Hint != want {
			t.Errorf("%s: %s", state, e.Hint)
		}
	}
}
