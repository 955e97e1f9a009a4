package templates

import (
	"database/sql"
	"strings"
	"testing"

	"rung/internal/pgtest"
)

// Views that are made again lose what a throwaway server does not know, and
// the report says so where there are any.
func TestViewsFromAThrowawayServer(t *testing.T) {
	t.Parallel()
	const says = "the views come back with the owner and grants that the directory gives them"
	set, err := Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	for view, want := range map[string]bool{
		"":                                  false,
		"CREATE VIEW v AS SELECT * FROM t;": true,
		"CREATE MATERIALIZED VIEW v AS SELECT * FROM t;": true,
	} {
		db, err := sql.Open("postgres", pgtest.URL(t))
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if _, err := db.Exec("CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TABLE t (id int PRIMARY KEY, m mood, n text); " + view); err != nil {
			t.Fatal(err)
		}
		conn, err := db.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for template, p := range map[string]map[string]string{
			"enum-swap":    params("type=mood", "values=ok,sad"),
			"enum-online":  params("type=mood", "values=ok,sad"),
			"enum-to-text": params("type=mood"),
			"text-to-enum": params("table=t", "column=n", "type=note", "values=a,b"),
		} {
			if template == "enum-online" && strings.Contains(view, "MATERIALIZED") {
				continue // it refuses those
			}
			for _, throwaway := range []bool{true, false} {
				in := &Input{Name: "it", Params: p, DB: &Catalog{Conn: conn, Throwaway: throwaway}}
				if _, err := set.Expand(t.Context(), template, in); err != nil {
					t.Fatal(err)
				}
				report := strings.Join(in.Report, "\n")
				if strings.Contains(report, says) != (want && throwaway) {
					t.Errorf("%s, %q, throwaway %t:\n%s", template, view, throwaway, report)
				}
			}
		}
		conn.Close()
	}
}
