package runner

import (
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"rung/internal/pgtest"
)

// To the psql of 15.19 and its like a `;` after a COPY block is that COPY once
// more: it would skip what follows, without an error.
func TestByHandNoSemicolonAfterCopy(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	f := pairs{
		"1_a.up.sql": "CREATE TABLE a (n int);\n" +
			"COPY a FROM STDIN;\n1\n\\.\n;\n-- more\n;\nCOPY a FROM STDIN;\n2\n\\.\n /* ; */ ;;\nINSERT INTO a VALUES (3);\n;\n",
		"2_b.up.sql": ";COPY a FROM STDIN;\n4\n\\.\n;\n",
		"3_c.up.sql": "-- rung:no-transaction\nCOPY a FROM STDIN;\n5\n\\.\n;\nINSERT INTO a VALUES (6);\n",
	}
	var b strings.Builder
	if _, err := testRunner(t, url, load(t, f)).WriteScript(testContext(t), Up, UpRequest{}, &b); err != nil {
		t.Fatal(err)
	}
	script := b.String()
	if regexp.MustCompile(`(?m)^\\\.$[\s;]*;`).MatchString(script) {
		t.Errorf("a semicolon right after COPY data in\n%s", script)
	}
	cmd := exec.CommandContext(testContext(t), "psql", "-X", "-q", "-d", url)
	cmd.Stdin = strings.NewReader(script)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("psql: %v\n%s\n%s", err, out, script)
	}
	want := []string{"1", "2", "3", "4", "5", "6"}
	if got := pgtest.QueryStrings(t, url, "SELECT n FROM a ORDER BY n"); !slices.Equal(got, want) {
		t.Errorf("rows %q instead of %q, from\n%s", got, want, script)
	}
	want = []string{"1", "2", "3"}
	if got := pgtest.QueryStrings(t, url, "SELECT version FROM rung.migrations ORDER BY version"); !slices.Equal(got, want) {
		t.Errorf("recorded %q instead of %q", got, want)
	}
}
