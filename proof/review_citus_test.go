package proof

import (
	"strings"
	"testing"

	"github.com/lib/pq"

	"rung/internal/pgtest"
	"rung/runner"
)

// On Citus the coordinator's own table is empty: a finding is weighed with the rows on
// all nodes.
func TestReviewCitusSizes(t *testing.T) {
	t.Parallel()
	live := pgtest.URL(t)
	pgtest.RecordedCitus(t, live)
	pgtest.Exec(t, live, "CREATE TABLE big (id bigint PRIMARY KEY, at int); CREATE TABLE local (id bigint PRIMARY KEY, at int); SELECT create_distributed_table('big', 'id'); INSERT INTO pg_catalog.recorded_size VALUES ('big', 5000000, 400 << 20)")
	conn, err := pq.NewConfig(live)
	if err != nil {
		t.Fatal(err)
	}
	d := directory(t, "1_a.up.sql", "CREATE TABLE big (id bigint PRIMARY KEY, at int);\nCREATE TABLE local (id bigint PRIMARY KEY, at int);\n",
		"2_b.up.sql", "ALTER TABLE big ALTER COLUMN at TYPE bigint;\nALTER TABLE local ALTER COLUMN at TYPE bigint;\n")
	run, err := runner.New(runner.Config{Conn: conn, Dir: d})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := run.Baseline(t.Context(), "1"); err != nil {
		t.Fatal(err)
	}
	r := mustReview(t, ReviewConfig{Dir: d, Live: true, Runner: runner.Config{Conn: conn}})
	var of []string
	for _, f := range r.Findings {
		if f.ID == "table-rewrite" {
			of = append(of, f.meaning())
		}
	}
	if len(of) != 2 || !strings.HasPrefix(of[0], "public.big: 5,000,000 rows, 400 MB") || !strings.HasPrefix(of[1], "public.local: 0 rows") {
		t.Errorf("%q of %s", of, found(r.Findings))
	}
}
