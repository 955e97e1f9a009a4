package templates

import (
	"database/sql"
	"strings"
	"testing"

	"rung/internal/pgtest"
	"rung/templates/internal/task"
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

func TestHowLongARewriteLasts(t *testing.T) {
	t.Parallel()
	for bytes, want := range map[int64]string{
		0:          "less than a second",
		2 << 20:    "less than a second",
		254 << 20:  "some 5 s at 50 MB a second",
		6000 << 20: "some 2 min at 50 MB a second",
		2 << 40:    "some 699 min at 50 MB a second",
	} {
		if got := task.Lasts(bytes); got != want {
			t.Errorf("%d: %s, not %s", bytes, got, want)
		}
	}
}

// Nobody but an ANALYZE by hand counts the rows of a partitioned table, and nobody
// those of a table that was just restored.
func TestRowsInTheReport(t *testing.T) {
	t.Parallel()
	set, err := Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("postgres", pgtest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(`CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TABLE parted (id int PRIMARY KEY, m mood, n text, CHECK (id > 0)) PARTITION BY RANGE (id);
CREATE TABLE parted_low PARTITION OF parted FOR VALUES FROM (1) TO (200);
CREATE TABLE parted_high PARTITION OF parted FOR VALUES FROM (200) TO (900);
CREATE TABLE parted_none PARTITION OF parted FOR VALUES FROM (900) TO (999);
CREATE TABLE fresh (id int PRIMARY KEY, n text) WITH (autovacuum_enabled = false);
CREATE TABLE empty (id int PRIMARY KEY, n text);
INSERT INTO parted SELECT i, 'ok', 'a' FROM generate_series(1, 500) AS i;
INSERT INTO fresh SELECT i, 'a' FROM generate_series(1, 500) AS i;
ANALYZE parted_low; ANALYZE parted_high`); err != nil {
		t.Fatal(err)
	}
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, one := range []struct {
		template string
		params   map[string]string
		want     string
	}{
		{"backfill", params("table=parted", "column=n", "value='x'", "way=online"), "parted: about 500 rows;"},
		{"text-to-enum", params("table=parted", "column=n", "type=kind"), "for the whole file, less than a second; about 500 rows, 1"},
		{"enum-retire", params("type=mood", "map=sad=ok"), "about 500 rows looked at"},
		{"backfill", params("table=fresh", "column=n", "value='x'", "way=online"), "fresh: rows not counted, since it was never analyzed;"},
		{"backfill", params("table=empty", "column=n", "value='x'", "way=online"), "empty: about 0 rows;"},
	} {
		in := &Input{Name: "it", Params: one.params, DB: &Catalog{Conn: conn}}
		if _, err := set.Expand(t.Context(), one.template, in); err != nil {
			t.Fatal(err)
		}
		if report := strings.Join(in.Report, "\n"); !strings.Contains(report, one.want) {
			t.Errorf("%s does not say %q:\n%s", one.template, one.want, report)
		}
	}
}
