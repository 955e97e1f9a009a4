package proof

import (
	"os/exec"
	"strings"
	"testing"
)

// The schemas are compared without the history tables of either; a role that
// the files name is made.
func TestCompareLadders(t *testing.T) {
	t.Parallel()
	dir := ladder(t, "CREATE TABLE t (id int PRIMARY KEY, n int);\nGRANT SELECT ON t TO reporting;", "", "CREATE INDEX CONCURRENTLY t_n ON t (n);", "")
	theirs := "CREATE TABLE schema_migrations (version varchar PRIMARY KEY); CREATE TABLE t (id int PRIMARY KEY, n int); GRANT SELECT ON t TO reporting; "
	for _, c := range []struct{ then, want string }{
		{"CREATE INDEX t_n ON t (n)", ""},
		{"CREATE INDEX t_n ON t (n); CREATE SCHEMA sqitch; CREATE TABLE sqitch.changes (change_id text PRIMARY KEY, change text); CREATE TABLE sqitch.tags (change text REFERENCES sqitch.changes)", ""},
		{"CREATE INDEX t_n ON t (id); CREATE TABLE v ()", "definition of index public.t_n, table public.v"},
	} {
		found, err := CompareLadders(t.Context(), LaddersConfig{Dir: dir, Other: exec.Command("psql", "-qc", theirs+c.then)})
		var got []string
		for _, d := range found {
			got = append(got, d.What)
		}
		if err != nil || strings.Join(got, ", ") != c.want {
			t.Errorf("%s: %+v, %v", c.then, found, err)
		}
	}
	if _, err := CompareLadders(t.Context(), LaddersConfig{Dir: dir, Other: exec.Command("false")}); err == nil || err.Error() != "apply the other tool's files: it exited with status 1" {
		t.Errorf("%v", err)
	}
}
