package adopt

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/lib/pq"

	"rung/internal/pgtest"
	"rung/runner"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// ladder are the three files that most cases have.
var ladder = map[string]string{
	"1_init.up.sql": "CREATE TABLE acct (id bigint)", "1_init.down.sql": "DROP TABLE acct",
	"2_mail.up.sql": "ALTER TABLE acct ADD mail text", "2_mail.down.sql": "ALTER TABLE acct DROP mail",
	"3_age.up.sql": "ALTER TABLE acct ADD age int", "3_age.down.sql": "ALTER TABLE acct DROP age",
}

// dated is the ladder with other versions, in order.
func dated(versions ...string) map[string]string {
	f := map[string]string{}
	for n, v := range versions {
		for name, text := range ladder {
			if rest, ok := strings.CutPrefix(name, fmt.Sprint(n+1)); ok {
				f[v+rest] = text
			}
		}
	}
	return f
}

func newRunner(t *testing.T, url string, files map[string]string) *runner.Runner {
	t.Helper()
	m := fstest.MapFS{}
	for name, text := range files {
		m[name] = &fstest.MapFile{Data: []byte(text)}
	}
	d, err := runner.Load(m, "sql")
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pq.NewConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	r, err := runner.New(runner.Config{Conn: conn, Dir: d, Version: "test", LockWait: 30 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// outcome is what an adoption came to, on one line: the versions in rung's history,
// or the kinds of finding and their versions.
func outcome(t *testing.T, url string, err error) string {
	t.Helper()
	var no *runner.DisagreementError
	switch {
	case errors.As(err, &no):
		var all []string
		for _, f := range no.Findings {
			all = append(all, strings.TrimSpace(string(f.Kind)+" "+string(f.Version)))
		}
		return strings.Join(all, ", ")
	case err != nil:
		return err.Error()
	case pgtest.QueryString(t, url, "SELECT to_regclass('rung.migrations') IS NOT NULL") == "false":
		return "nothing"
	}
	return strings.Join(pgtest.QueryStrings(t, url, "SELECT version FROM rung.migrations ORDER BY version"), " ")
}

func run(t *testing.T, url string, files map[string]string, req Request) (*Result, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	return Run(ctx, newRunner(t, url, files), req)
}

// rowsOf are the rows of a table as text, with the objects that hold it: the other
// tool's table stays as it was.
func rowsOf(t *testing.T, url, table string) string {
	rows := pgtest.QueryStrings(t, url, "SELECT t::text FROM "+table+" AS t")
	slices.Sort(rows)
	return strings.Join(rows, "\n")
}
