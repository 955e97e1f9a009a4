package proof

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/lib/pq"

	"rung/internal/pgtest"
	"rung/internal/sandbox"
	"rung/runner"
)

// What a scratch server cannot do is told with its place, and the rest goes on.
func TestReviewGoesOn(t *testing.T) {
	t.Parallel()
	nowhere := `extension "nowhere" is not available (0A000)`
	if server := pgtest.URL(t); pgtest.Major(t, server) < 15 { // it names the file that it lacks
		nowhere = fmt.Sprintf(`could not open extension control file "%s/extension/nowhere.control": No such file or directory (58P01)`,
			pgtest.QueryString(t, server, "SELECT setting FROM pg_config WHERE name = 'SHAREDIR'"))
	}
	for name, c := range map[string]struct{ text, failed, found string }{
		"a missing extension": {
			"CREATE EXTENSION nowhere;\nALTER TABLE users DROP COLUMN age;",
			"sql/2_case.up.sql:1:1: " + nowhere,
			"1 error statement-fails \n2 danger drop-column public.users",
		},
		"a role of nobody's": {
			"GRANT SELECT ON users TO a_role_of_nobody;\nALTER TABLE users DROP COLUMN age;",
			`sql/2_case.up.sql:1:1: role "a_role_of_nobody" does not exist (42704)`,
			"1 error statement-fails \n2 danger drop-column public.users",
		},
		"COPY with a wrong row": {
			"COPY users (id, age) FROM stdin;\n101\tten\n\\.\nALTER TABLE users DROP COLUMN age;",
			`sql/2_case.up.sql:2:1: invalid input syntax for type integer: "ten" (22P02)`,
			"1 error statement-fails \n4 danger drop-column public.users",
		},
		"a procedure that commits, within a transaction": {
			"CREATE PROCEDURE p() LANGUAGE plpgsql AS $$BEGIN COMMIT; END$$;\nCALL p();\nALTER TABLE users DROP COLUMN age;",
			`sql/2_case.up.sql:2:1: invalid transaction termination (2D000)`,
			"2 error statement-fails \n3 danger drop-column public.users",
		},
		"its own BEGIN, with a failure in it": {
			"BEGIN;\nALTER TABLE users DROP COLUMN nme;\nCOMMIT;\nALTER TABLE users DROP COLUMN age;",
			`sql/2_case.up.sql:2:1: column "nme" of relation "users" does not exist (42703)`,
			"2 error statement-fails \n4 danger drop-column public.users",
		},
		"a place within the line": {
			"SELECT id,\n       nme\n  FROM users;\nALTER TABLE users DROP COLUMN age;",
			`sql/2_case.up.sql:2:8: column "nme" does not exist (42703)`,
			"1 error statement-fails \n4 danger drop-column public.users",
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := mustReview(t, ReviewConfig{From: version("2"), UpOnly: true, Dir: directory(t, "1_setup.up.sql", reviewSetup, "2_case.up.sql", c.text, "2_case.down.sql", "SELECT 1;")})
			if got := found(r.Findings); got != c.found {
				t.Errorf("%s\nwant\n%s", got, c.found)
			}
			i := slices.IndexFunc(r.Statements, func(s *Observed) bool { return s.Failed != "" })
			if i < 0 || r.Statements[i].Failed != c.failed {
				t.Errorf("%+v failed, want %s", r.Statements[max(i, 0)].Failed, c.failed)
			}
			if name == "a place within the line" {
				want := c.failed + " (statement-fails)\n      2 |        nme\n        |        ^\n"
				if text := r.Text(false); !strings.Contains(text, want) {
					t.Errorf("%s\nwant\n%s", text, want)
				}
				hasPlace(t, r)
			}
		})
	}
}

// hasPlace checks that every form of a report has the place where line 2 fails.
func hasPlace(t *testing.T, r *ReviewReport) {
	t.Helper()
	place := Place{2, 8, "       nme"}
	if f := r.Findings[0]; f.FailedAt == nil || *f.FailedAt != place {
		t.Errorf("the finding fails at %+v", f.FailedAt)
	}
	page, err := r.HTML()
	if err != nil {
		t.Fatal(err)
	}
	sarif, err := r.SARIF()
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		r.Markdown():  "| sql/2\\_case.up.sql:2:8 | **error** statement-fails",
		string(page):  "<pre>    2 |        nme\n      |        ^\n</pre>",
		string(sarif): "\"startLine\": 2,\n                  \"startColumn\": 8,",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%s\nwant\n%s", text, want)
		}
	}
	if !strings.Contains(r.Markdown(), "    2 |        nme\n      |        ^\n```") {
		t.Errorf("no caret in\n%s", r.Markdown())
	}
}

// On a server of rung's own, roles that files grant to are made.
func TestReviewRoles(t *testing.T) {
	t.Parallel()
	r, err := Review(t.Context(), ReviewConfig{From: version("2"), UpOnly: true, Dir: directory(t,
		"1_setup.up.sql", reviewSetup+"\nGRANT SELECT ON users TO app_reader;",
		"2_case.up.sql", "GRANT SELECT ON users TO app_writer;\nALTER TABLE users OWNER TO app_owner;", "2_case.down.sql", "SELECT 1;")})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range r.Statements {
		if s.Failed != "" {
			t.Error(s.Failed)
		}
	}
	if notes := strings.Join(r.Notes, "\n"); strings.Count(notes, "made it, without rights") != 3 {
		t.Error(notes)
	}
}

// A streaming standby will do for the live database: it tells what is pending and
// how large the tables are, though it counts no writes.
func TestReviewStandby(t *testing.T) {
	t.Parallel()
	primary := pgtest.Server(t)
	standby := pgtest.Standby(t, primary)
	d := directory(t, "1_setup.up.sql", reviewSetup,
		"2_case.up.sql", "ALTER TABLE users ADD CHECK (age > 0);", "2_case.down.sql", "ALTER TABLE users DROP CONSTRAINT users_age_check;")
	run, err := runner.New(runner.Config{URL: primary.URL(""), Dir: &runner.Directory{Label: d.Label, Migrations: d.Migrations[:1]}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := run.Up(t.Context(), runner.UpRequest{}); err != nil {
		t.Fatal(err)
	}
	pgtest.Exec(t, primary.URL(""), "INSERT INTO users SELECT n, n FROM generate_series(21, 30000) AS n; ANALYZE users")
	pgtest.AwaitReplay(t, primary.URL(""), standby)
	conn, err := pq.NewConfig(standby)
	if err != nil {
		t.Fatal(err)
	}
	r := mustReview(t, ReviewConfig{Dir: d, Live: true, CheckData: true, Runner: runner.Config{Conn: conn}})
	if got, want := found(r.Findings), "1 danger scan-check public.users"; got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	if len(r.Relations) != 1 || r.Relations[0].Rows != 30000 || r.Relations[0].WritesPerSecond != nil || r.Relations[0].ScansPerSecond == nil {
		t.Errorf("%+v", r.Relations)
	}
}

// The live planner tells how many rows a statement will write, and
// pg_stat_statements who else uses the table, to a role that may know.
func TestReviewLiveStatements(t *testing.T) {
	t.Parallel()
	counted := pgtest.QueryString(t, pgtest.URL(t), "SELECT count(*)::text FROM pg_available_extensions WHERE name = 'pg_stat_statements'") == "1"
	cfg := sandbox.Config{Trust: true}
	if counted { // the servers of npm do not have it
		cfg.Settings = map[string]string{"shared_preload_libraries": "pg_stat_statements"}
	}
	url := pgtest.ServerWith(t, cfg).URL("")
	d := directory(t, "1_setup.up.sql", reviewSetup,
		"2_case.up.sql", "UPDATE users SET age = age + 1 WHERE age > 100;\nALTER TABLE users ADD CHECK (age > 0);\nUPDATE users SET nothing = 1;", "2_case.down.sql", "SELECT 1;")
	run, err := runner.New(runner.Config{URL: url, Dir: &runner.Directory{Label: d.Label, Migrations: d.Migrations[:1]}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := run.Up(t.Context(), runner.UpRequest{}); err != nil {
		t.Fatal(err)
	}
	pgtest.Exec(t, url, "INSERT INTO users SELECT n, n FROM generate_series(21, 20000) AS n; ANALYZE users")
	if counted {
		pgtest.Exec(t, url, `CREATE SCHEMA "St ats"; CREATE EXTENSION pg_stat_statements SCHEMA "St ats"`)
	}
	for range 20 {
		pgtest.Exec(t, url, "SELECT age FROM users WHERE id = 7")
	}
	pgtest.Exec(t, url, "CREATE ROLE reader LOGIN; GRANT USAGE ON SCHEMA rung TO reader; GRANT SELECT ON ALL TABLES IN SCHEMA rung TO reader")
	for user, knows := range map[string]bool{"postgres": true, "reader": false} {
		conn, err := pq.NewConfig(url)
		if err != nil {
			t.Fatal(err)
		}
		conn.User = user
		before := pgtest.Dump(t, url)
		r := mustReview(t, ReviewConfig{Dir: d, Live: true, UpOnly: true, Runner: runner.Config{Conn: conn}})
		if pgtest.Dump(t, url) != before {
			t.Error("the live database has changed")
		}
		want := "1 danger update-whole-table public.users\n2 danger scan-check public.users\n3 error statement-fails "
		if got := found(r.Findings); got != want {
			t.Fatalf("%s\nwant\n%s", got, want)
		}
		if n := r.Findings[0].ExpectedRows; (n != nil) != knows || knows && (*n < 19_000 || *n > 20_000) {
			t.Errorf("%s: the planner expects %v rows", user, n)
		}
		said := strings.Contains(r.Findings[1].meaning(), " Called most of what names it, ")
		if knows && counted && !strings.Contains(r.Findings[1].meaning(), ": SELECT age FROM users WHERE id = $1") || !knows && said {
			t.Errorf("%s: %s", user, r.Findings[1].meaning())
		}
	}
}
