package chaos

import (
	"regexp"
	"strings"
	"testing"

	"rung/internal/pgtest"
	"rung/internal/pgtest/proxy"
)

// outside are statements that PostgreSQL refuses inside a transaction, each as
// the second migration's middle step. {db} is a database of the test's own.
var outside = map[string]string{
	"CREATE INDEX, named":              "CREATE INDEX CONCURRENTLY i ON t (n);",
	"CREATE INDEX, unnamed":            "CREATE INDEX CONCURRENTLY ON t (n);",
	"CREATE INDEX, unnamed, cast":      "CREATE INDEX CONCURRENTLY ON t (lower(v)) WHERE n > 10;",
	"CREATE INDEX, quoted":             `CREATE UNIQUE INDEX CONCURRENTLY "An ""Index""; on" ON "The Table" (n);`,
	"CREATE INDEX, cut to 63 bytes":    "CREATE INDEX CONCURRENTLY " + strings.Repeat("long_", 14) + " ON t (n);",
	"CREATE INDEX, schema-qualified":   `CREATE INDEX CONCURRENTLY i ON public."The Table" USING hash (n);`,
	"CREATE INDEX IF NOT EXISTS":       "CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON ONLY t (n) INCLUDE (v);",
	"CREATE INDEX IF NOT EXISTS, old":  "CREATE INDEX CONCURRENTLY IF NOT EXISTS t_v ON t (n);",
	"DROP INDEX":                       "DROP INDEX CONCURRENTLY t_v;",
	"DROP INDEX IF EXISTS":             "DROP INDEX CONCURRENTLY IF EXISTS t_v;",
	"REINDEX INDEX":                    "REINDEX INDEX CONCURRENTLY t_v;",
	"REINDEX TABLE":                    "REINDEX (VERBOSE) TABLE CONCURRENTLY t;",
	"REINDEX by option":                "REINDEX (CONCURRENTLY) TABLE t;",
	"DETACH PARTITION":                 "ALTER TABLE p DETACH PARTITION p1 CONCURRENTLY -- the last word;\n;",
	"CREATE DATABASE":                  "CREATE DATABASE {db};",
	"DROP DATABASE":                    "DROP DATABASE {db}_old;",
	"VACUUM":                           "VACUUM (ANALYZE) t;",
	"CREATE INDEX under a search_path": "SET search_path = app, public;\nCREATE INDEX CONCURRENTLY ON a (n);",
	"CREATE INDEX under a role":        "SET ROLE {db}_owner;\nCREATE INDEX CONCURRENTLY i ON app.owned (n);\nRESET ROLE;",
}

const outsideSetup = `
CREATE TABLE counter (n int); INSERT INTO counter VALUES (0);
CREATE TABLE t (n int, v varchar); INSERT INTO t SELECT i, 'V' || i FROM generate_series(1, 1000) i;
CREATE INDEX t_v ON t (v);
CREATE TABLE "The Table" (n int); INSERT INTO "The Table" SELECT generate_series(1, 100);
CREATE TABLE p (n int) PARTITION BY RANGE (n);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10); INSERT INTO p VALUES (1);
CREATE SCHEMA app; CREATE TABLE app.a (n int); CREATE TABLE app.owned (n int);
ALTER TABLE app.owned OWNER TO {db}_owner; GRANT ALL ON SCHEMA app TO {db}_owner;
`

// outsideDatabase is a database and a directory with the statement.
func outsideDatabase(t *testing.T, statement string) (url, dir string) {
	t.Helper()
	var owner, admin string
	t.Cleanup(func() { pgtest.Exec(t, admin, "DROP ROLE IF EXISTS "+owner) }) // after the database is gone
	url = pgtest.URL(t)
	admin = url[:strings.LastIndex(url, "/")] + "/postgres?sslmode=disable"
	db := "x" + pgtest.QueryString(t, url, "SELECT oid FROM pg_database WHERE datname = current_database()")
	owner = db + "_owner"
	pgtest.Exec(t, url, "CREATE ROLE "+owner)
	t.Cleanup(func() {
		pgtest.Exec(t, admin, "DROP DATABASE IF EXISTS "+db)
		pgtest.Exec(t, admin, "DROP DATABASE IF EXISTS "+db+"_old")
	})
	text := func(s string) string { return strings.ReplaceAll(s, "{db}", db) }
	if strings.HasPrefix(statement, "DROP DATABASE") {
		pgtest.Exec(t, url, text("CREATE DATABASE {db}_old"))
	}
	return url, files(t, map[string]string{
		"1_setup.up.sql":   text(outsideSetup),
		"2_outside.up.sql": text("-- rung:no-transaction\nUPDATE counter SET n = n + 1;\n" + statement + "\nUPDATE counter SET n = n + 10;\n"),
		"3_last.up.sql":    "UPDATE counter SET n = n + 100;",
	})
}

// Around a statement of each kind the connection is lost: before it is sent,
// while it runs, and when it is through. One more run ends as if nothing had
// happened, and what was finished is not done again.
func TestCutAroundAStatementOutsideOfATransaction(t *testing.T) {
	t.Parallel()
	moments := map[string]proxy.Moment{"before it": proxy.BeforeStatement, "while it runs": proxy.AfterStatement, "before its answer": proxy.BeforeAnswer}
	for name, statement := range outside {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, dir := outsideDatabase(t, statement)
			run(t, url, dir, "up")
			want := normalized(story(t, url))
			for name, moment := range moments {
				t.Run(name, func(t *testing.T) {
					url, dir := outsideDatabase(t, statement)
					px, through := pgtest.Proxy(t, url)
					happened := px.CutAt("step 2 */ ", moment)
					start(t, through, dir, "up").must(1).said("2_outside is applied up to step 1 of 3; the outcome of the next step is unknown")
					<-happened
					if got := steps(t, url, "2"); got != "1 done, 2 started" {
						t.Errorf("steps: %s", got)
					}
					indexes := "SELECT indexrelid FROM pg_index WHERE indisvalid AND indrelid::regclass::text IN ('t', 'app.a', 'app.owned', '\"The Table\"')"
					before := pgtest.QueryStrings(t, url, indexes)
					run(t, url, dir, "up")
					same(t, name, normalized(story(t, url)), want)
					if after := pgtest.QueryStrings(t, url, indexes); moment == proxy.BeforeAnswer && !strings.HasPrefix(statement, "REINDEX") && len(after) == len(before) && strings.Join(after, " ") != strings.Join(before, " ") {
						t.Errorf("an index that was finished was made again: %s, %s", before, after)
					}
				})
			}
		})
	}
}

var checksum = regexp.MustCompile(`\b[0-9a-f]{32,64}\b`)

// normalized takes out what differs from one test's database to the next.
func normalized(story string) string {
	var kept []string
	for _, line := range strings.Split(story, "\n") {
		if !strings.Contains(line, "_owner") {
			kept = append(kept, checksum.ReplaceAllString(line, "N"))
		}
	}
	return strings.Join(kept, "\n")
}
