package proof

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/lib/pq"

	"rung/internal/pgtest"
	"rung/runner"
)

const reviewSetup = "CREATE TABLE users (id bigint PRIMARY KEY, age int);\nINSERT INTO users SELECT n, n FROM generate_series(1, 20) AS n;"

// found are the findings of a report, a line each.
func found(fs []*ReviewFinding) string {
	var lines []string
	for _, f := range fs {
		lines = append(lines, fmt.Sprintf("%d %s %s %s", f.Line, f.Severity, f.ID, f.Relation))
	}
	return strings.Join(lines, "\n")
}

func TestReviewAllow(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, found, suppressed, problems string }{
		"above": {text: "-- rung:allow scan-not-null twenty rows\nALTER TABLE users ALTER COLUMN age SET NOT NULL;", suppressed: "2 danger scan-not-null public.users"},
		"in":    {text: "ALTER TABLE users\n-- rung:allow scan-not-null twenty rows\nALTER COLUMN age SET NOT NULL;", suppressed: "1 danger scan-not-null public.users"},
		"one id, one statement": {
			text:       "-- rung:allow scan-not-null twenty rows\nALTER TABLE users ALTER COLUMN age SET NOT NULL;\nALTER TABLE users ADD CHECK (age > 0);",
			suppressed: "2 danger scan-not-null public.users", found: "3 danger scan-check public.users\n3 danger lock-long-held public.users\n3 notice merge-alters public.users",
		},
		"unknown":    {text: "-- rung:allow scan-not-nul twenty rows\nSELECT 1;", problems: "sql/2_case.up.sql:1:1: rung:allow scan-not-nul names no finding; did you mean scan-not-null?"},
		"nothing":    {text: "-- rung:allow scan-not-null twenty rows\nSELECT 1;", problems: "sql/2_case.up.sql:1:1: rung:allow scan-not-null has nothing to suppress in its statement; take it out, or put it above the statement that it is about"},
		"at the end": {text: "SELECT 1;\n-- rung:allow scan-not-null twenty rows", problems: "sql/2_case.up.sql:2:1: rung:allow scan-not-null stands below the last statement; put it above the statement that it is about, or into it"},
		// It is right where the table is there already, and so it is kept.
		"of a new table": {text: "CREATE TABLE t (a int);\n-- rung:allow index-not-concurrent it is small\nCREATE INDEX ON t (a);"},
	} {
		t.Run(name, func(t *testing.T) {
			d := directory(t, "1_setup.up.sql", reviewSetup, "2_case.up.sql", c.text, "2_case.down.sql", "SELECT 1;")
			r, err := Review(t.Context(), ReviewConfig{Dir: d, From: version("2"), Scratch: onShared(t)})
			var bad *runner.BadFilesError
			if err != nil && !errors.As(err, &bad) {
				t.Fatal(err)
			}
			var problems []string
			if bad != nil {
				for _, p := range bad.Problems {
					problems = append(problems, p.String())
				}
			}
			for _, got := range [][2]string{{found(r.Findings), c.found}, {found(r.Suppressed), c.suppressed}, {strings.Join(problems, "\n"), c.problems}} {
				if got[0] != got[1] {
					t.Errorf("%s\nwant\n%s", got[0], got[1])
				}
			}
		})
	}
}

// A transaction's locks are held until its end, and each statement tells which
// earlier ones it runs under.
func TestReviewHeldLocks(t *testing.T) {
	t.Parallel()
	r := mustReview(t, ReviewConfig{From: version("2"), Dir: directory(t, "1_setup.up.sql", reviewSetup, "2_case.up.sql",
		"ALTER TABLE users ADD COLUMN name text;\nCREATE TABLE t (id bigint PRIMARY KEY);\nCREATE INDEX ON t (id);\nSELECT 1;")})
	want := []string{
		"locks public.users: ACCESS EXCLUSIVE, until line 4; reads and writes wait\ncolumn public.users.name created: text",
		"locks public.users: ACCESS EXCLUSIVE, held since line 1, until line 4; reads and writes wait",
	}
	for i, w := range want {
		if got := strings.Join(r.Statements[i].facts(), "\n"); !strings.HasPrefix(got, w) {
			t.Errorf("statement %d:\n%s\nwant\n%s", i+1, got, w)
		}
	}
	if got, want := found(r.Findings), "1 warning no-down "; got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

// A statement that fails is told with its place, and the others are observed.
func TestReviewFailure(t *testing.T) {
	t.Parallel()
	r := mustReview(t, ReviewConfig{From: version("2"), Dir: directory(t, "1_setup.up.sql", reviewSetup,
		"2_case.up.sql", "ALTER TABLE users\n  DROP COLUMN nme;\nALTER TABLE users DROP COLUMN age;", "2_case.down.sql", "SELECT 1;")})
	if got, want := found(r.Findings), "1 error statement-fails \n3 danger drop-column public.users"; got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	if got, want := r.Statements[0].Failed, `sql/2_case.up.sql:1:1: column "nme" of relation "users" does not exist (42703)`; got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

// Of files that are named, the others above the first run too, and are not reported.
func TestReviewOnly(t *testing.T) {
	t.Parallel()
	r := mustReview(t, ReviewConfig{Only: []runner.Version{"2", "4"}, Dir: directory(t, "1_setup.up.sql", reviewSetup,
		"2_a.up.sql", "ALTER TABLE users ALTER COLUMN age SET NOT NULL;", "2_a.down.sql", "ALTER TABLE users ALTER COLUMN age DROP NOT NULL;",
		"3_b.up.sql", "ALTER TABLE users ADD COLUMN b int;\nALTER TABLE users ADD CHECK (age > 0);", "3_b.down.sql", "ALTER TABLE users DROP COLUMN b;\n-- rung:allow drop-table unread\nALTER TABLE users DROP CONSTRAINT users_age_check;",
		"4_c.up.sql", "ALTER TABLE users DROP COLUMN b;", "4_c.down.sql", "ALTER TABLE users ADD COLUMN b int;",
	)})
	if got, want := found(r.Findings), "1 danger scan-not-null public.users\n1 danger drop-column public.users"; got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	var places []string
	for _, s := range r.Statements {
		places = append(places, s.File)
	}
	if got, want := strings.Join(places, " "), "sql/2_a.up.sql sql/2_a.down.sql sql/4_c.up.sql sql/4_c.down.sql"; got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

// What files may hold beside plain statements: COPY with data, batches, their own
// BEGIN, CONCURRENTLY, a procedure that commits.
func TestReviewKindsOfFiles(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, how string }{
		"COPY":         {"COPY users (id, age) FROM stdin;\n101\t1\n102\t2\n\\.\nSELECT 1 / count(*) FROM users WHERE id > 100;", "transaction transaction"},
		"batch":        {"-- rung:batch key=users.id\nUPDATE users SET age = 1 WHERE id BETWEEN $1 AND $2;\nSELECT 1 / (count(*) FILTER (WHERE age = 1) = 20)::int FROM users;", "batch transaction"},
		"own BEGIN":    {"BEGIN;\nALTER TABLE users ADD COLUMN b int;\nCOMMIT;\nALTER TABLE users ADD COLUMN c int;", "transaction transaction"},
		"wrapped":      {"BEGIN;\nALTER TABLE users ADD COLUMN b int;\nCOMMIT;", "transaction"},
		"CONCURRENTLY": {"CREATE INDEX CONCURRENTLY i ON users (age);\nDROP INDEX CONCURRENTLY i;", "outside outside"},
		"savepoints":   {"SAVEPOINT a;\nDROP TABLE users;\nROLLBACK TO a;\nSELECT 1 / count(*) FROM users;", "transaction transaction transaction transaction"},
		"a CALL":       {"CREATE PROCEDURE p() LANGUAGE plpgsql AS $$BEGIN UPDATE users SET age = 1; COMMIT; END$$;\nVACUUM users;\nCALL p();", "transaction outside outside"},
		"a DO":         {"VACUUM users;\nDO $$BEGIN ALTER TABLE users ADD COLUMN b int; END$$;", "outside transaction"},
	} {
		t.Run(name, func(t *testing.T) {
			r := mustReview(t, ReviewConfig{From: version("2"), UpOnly: true, Dir: directory(t, "1_setup.up.sql", reviewSetup, "2_case.up.sql", c.text, "2_case.down.sql", "SELECT 1;")})
			var how []string
			for _, s := range r.Statements {
				how = append(how, s.How)
				if s.Failed != "" {
					t.Error(s.Failed)
				}
			}
			if got := strings.Join(how, " "); got != c.how {
				t.Errorf("%s, want %s", got, c.how)
			}
		})
	}
}

// The live database says what is pending, in which time zone, and how large the
// tables are. A role that may only read is enough, and nothing is changed.
func TestReviewLive(t *testing.T) {
	t.Parallel()
	live := pgtest.Database(t, pgtest.Server(t).URL("")) // a verify beside it would see the role
	conn, err := pq.NewConfig(live)
	if err != nil {
		t.Fatal(err)
	}
	d := directory(t,
		"1_setup.up.sql", reviewSetup+"\nCREATE TABLE big (id bigint PRIMARY KEY, at timestamp);\nCREATE TABLE middle (id bigint PRIMARY KEY, at timestamp);",
		"2_case.up.sql", "ALTER TABLE users ALTER COLUMN age SET NOT NULL;\nALTER TABLE big ALTER COLUMN at TYPE timestamptz;\nDROP INDEX middle_at;", "2_case.down.sql", "SELECT 1;")
	first := &runner.Directory{Label: d.Label, Migrations: d.Migrations[:1]}
	run, err := runner.New(runner.Config{Conn: conn, Dir: first})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := run.Up(t.Context(), runner.UpRequest{}); err != nil {
		t.Fatal(err)
	}
	reader := fmt.Sprintf("reader_%s", strings.ReplaceAll(conn.Database, "-", "_"))
	pgtest.Exec(t, live, fmt.Sprintf(`INSERT INTO big SELECT n FROM generate_series(1, 12000) AS n; ANALYZE;
		CREATE ROLE %[1]s LOGIN; GRANT USAGE ON SCHEMA rung TO %[1]s; GRANT SELECT ON ALL TABLES IN SCHEMA rung TO %[1]s;
		ALTER ROLE %[1]s SET TimeZone = 'Europe/Berlin'`, reader))
	t.Cleanup(func() {
		pgtest.Exec(t, live, fmt.Sprintf("DROP OWNED BY %[1]s; DROP ROLE %[1]s", reader))
	})
	before := pgtest.Dump(t, live)
	conn.User = reader
	r := mustReview(t, ReviewConfig{Dir: d, Live: true, Runner: runner.Config{Conn: conn}})
	if after := pgtest.Dump(t, live); after != before {
		t.Error("the live database has changed")
	}
	want := "1 notice scan-not-null public.users\n2 danger table-rewrite public.big\n2 danger lock-long-held public.users\n2 warning lock-many-tables public.big\n3 error statement-fails "
	if got := found(r.Findings); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	if got := r.Findings[1].meaning(); !strings.HasPrefix(got, "public.big: 12,000 rows, ") {
		t.Error(got)
	}
	if r.TimeZone != "Europe/Berlin" || len(r.Versions) != 1 || r.Versions[0] != "2" {
		t.Errorf("%s, %v", r.TimeZone, r.Versions)
	}
}

// What a session did before, and the server hears of while the review runs, is
// no traffic.
func TestReviewLateStatistics(t *testing.T) {
	t.Parallel()
	live := pgtest.URL(t)
	conn, err := pq.NewConfig(live)
	if err != nil {
		t.Fatal(err)
	}
	d := directory(t, "1_setup.up.sql", "CREATE TABLE t (id int);", "2_case.up.sql", "CREATE INDEX ON t (id);", "2_case.down.sql", "SELECT 1;")
	run, err := runner.New(runner.Config{Conn: conn, Dir: &runner.Directory{Label: d.Label, Migrations: d.Migrations[:1]}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := run.Up(t.Context(), runner.UpRequest{}); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("postgres", live)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	late, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer late.Close()
	flush := "SELECT 1"
	if pgtest.Major(t, live) >= 15 {
		flush = "SELECT pg_stat_force_next_flush()"
	}
	for _, text := range []string{flush, "INSERT INTO t SELECT generate_series(1, 50000)"} {
		if _, err := late.ExecContext(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
	r := mustReview(t, ReviewConfig{Dir: d, Live: true, UpOnly: true, Runner: runner.Config{Conn: conn}, Progress: func(ReviewProgress) {
		if _, err := late.ExecContext(t.Context(), flush); err != nil {
			t.Error(err)
		}
	}})
	if len(r.Relations) != 1 || r.Relations[0].WritesPerSecond == nil || *r.Relations[0].WritesPerSecond != 0 {
		t.Errorf("%s", found(r.Findings))
	}
}

// Of three samples the quieter time between two counts.
func TestRates(t *testing.T) {
	t.Parallel()
	l := &liveDatabase{samples: &samples{}}
	for i, n := range []int64{100, 900, 1000} {
		l.samples.all = append(l.samples.all, &traffic{at: float64(2 * i), tables: map[int64]tableTraffic{7: {writes: n, scans: 10 * n}}})
	}
	if w, s := l.rates([]int64{7}); *w != 50 || *s != 500 {
		t.Errorf("%v writes, %v scans", *w, *s)
	}
	l.samples.all[2].tables[7] = tableTraffic{} // reset meanwhile
	if w, s := l.rates([]int64{7}); w != nil || s != nil {
		t.Error("rates of counters that were reset")
	}
}

func TestWeigh(t *testing.T) {
	t.Parallel()
	busy := func(n float64) *float64 { return &n }
	users := &relation{OID: 1, Schema: "public", Name: "users"}
	for name, c := range map[string]struct {
		id   string
		size LiveRelation
		want Severity
	}{
		"small danger":         {"scan-check", LiveRelation{Rows: 9_999, Bytes: 10<<20 - 1}, Notice},
		"few rows, many bytes": {"scan-check", LiveRelation{Rows: 9_999, Bytes: 10 << 20}, Danger},
		"few bytes, many rows": {"scan-check", LiveRelation{Rows: 10_000, Bytes: 1}, Danger},
		"large warning":        {"index-drop-not-concurrent", LiveRelation{Rows: 1_000_001, Bytes: 1}, Danger},
		"middle warning":       {"index-drop-not-concurrent", LiveRelation{Rows: 1_000_000, Bytes: 1 << 30}, Warning},
		"busy warning":         {"index-drop-not-concurrent", LiveRelation{Rows: 20_000, WritesPerSecond: busy(101)}, Danger},
		"quiet warning":        {"index-drop-not-concurrent", LiveRelation{Rows: 20_000, WritesPerSecond: busy(100)}, Warning},
		"by no size":           {"drop-table", LiveRelation{Rows: 0, Bytes: 0}, Danger},
	} {
		record := FindRecord(c.id)
		f := &ReviewFinding{ID: c.id, Severity: record.Severity, record: record, weight: []*relation{users}}
		if f.weighBy(map[int64]*LiveRelation{1: &c.size}); f.Severity != c.want {
			t.Errorf("%s: %s, want %s", name, f.Severity, c.want)
		}
		f.Severity = record.Severity
		if f.weighBy(nil); f.Severity != record.Severity {
			t.Errorf("%s: %s without a size", name, f.Severity)
		}
	}
}

// The command of a finding is what a shell and rung new take, whatever the names.
func TestReviewCommandsOfOddNames(t *testing.T) {
	t.Parallel()
	r := mustReview(t, ReviewConfig{From: version("2"), Dir: directory(t,
		"1_setup.up.sql", `CREATE TABLE "It's ""Odd" (id bigint PRIMARY KEY, "the Age" int, CONSTRAINT odd CHECK (id > 0));`,
		"2_case.up.sql", `ALTER TABLE "It's ""Odd" ALTER COLUMN "the Age" SET NOT NULL;`, "2_case.down.sql", "SELECT 1;",
		"3_case.up.sql", `ALTER TABLE "It's ""Odd" ALTER COLUMN "the Age" TYPE numeric(10, 2);`, "3_case.down.sql", "SELECT 1;",
	)})
	want := map[string]string{
		"scan-not-null": `rung new require_theAge --template set-not-null --set 'table="It'\''s ""Odd"' --set 'column="the Age"'`,
		"table-rewrite": `rung new change_theAge --template change-type --set 'table="It'\''s ""Odd"' --set 'column="the Age"' --set 'type=numeric(10,2)'`,
	}
	for _, f := range r.Findings {
		if f.Relation != `public."It's ""Odd"` {
			t.Errorf("%s is about %s", f.ID, f.Relation)
		}
		if w, ok := want[f.ID]; ok && f.Command != w {
			t.Errorf("%s\nwant\n%s", f.Command, w)
		}
		delete(want, f.ID)
	}
	if len(want) > 0 {
		t.Errorf("not found: %v in\n%s", want, found(r.Findings))
	}
}
