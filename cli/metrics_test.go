package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rung/cli/internal/fault"
)

// TestMetrics: the file tells of the last up, with each database's labels, and of
// its backfills; a file that cannot be written is a mistake before anything runs.
func TestMetrics(t *testing.T) {
	r := newFleetRig(t, "a", "b")
	r.file("3_c", "INSERT INTO a SELECT generate_series(1, 500);\nALTER TABLE a ADD PRIMARY KEY (id), ADD n int;", "ALTER TABLE a DROP n;")
	r.file("4_d", "-- rung:batch key=a.id rows=100\nUPDATE a SET n = 1 WHERE id BETWEEN $1 AND $2;", "SELECT 1;")
	r.file("5_e", "CREATE TABLE b ();", "DROP TABLE b;")
	file := filepath.Join(t.TempDir(), "rung.prom")
	r.run(t.Context(), fault.ExitFailed, "up", "--metrics", file)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`target="a"} 4`, "# TYPE rung_applied_migrations gauge", "rung_pending_migrations{server=", "rung_up_failed{", `rung_backfill_rows{server="127.0.0.1:`,
		`,target="b",version="4",step="1"} 500`, "rung_up_duration_seconds{", "\n# EOF\n",
	} {
		mentions(t, string(text), want)
	}
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "rung_up_failed") && !strings.HasSuffix(line, "} 1\n") || strings.HasPrefix(line, "rung_pending") && !strings.HasSuffix(line, "} 1\n") {
			t.Errorf("%s", line)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(file), ".rung-metrics-*")); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
	_, errs := r.run(t.Context(), fault.ExitUsage, "up", "--metrics", filepath.Join(r.dir, "none", "rung.prom"))
	mentions(t, errs, "--metrics: ")
}
