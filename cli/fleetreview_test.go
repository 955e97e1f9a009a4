package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rung/cli/internal/fault"
	"rung/internal/pgtest"
)

const requireID = "ALTER TABLE a ALTER COLUMN id SET NOT NULL;"

// TestFleetReview: one report for all databases, each finding once with the target
// where it is gravest; what the same pending files do is observed once.
func TestFleetReview(t *testing.T) {
	r := newFleetRig(t, "small", "large", "head", "behind")
	scratch := []string{"--scratch-url", r.url["small"]}
	over := func(code int, args ...string) (out, errs string) {
		t.Helper()
		return r.run(t.Context(), code, append(args, scratch...)...)
	}
	out, _ := over(fault.ExitDone, "review", "--only", "head")
	mentions(t, out, "4 statements of 2 versions", "for 1 target: nothing found")
	r.run(t.Context(), fault.ExitDone, "up", "--skip", "behind")
	r.run(t.Context(), fault.ExitDone, "up", "--only", "behind", "--to", "1")
	for name, rows := range map[string]string{"small": "20", "large": "20000", "behind": "200"} {
		pgtest.Exec(t, r.url[name], "INSERT INTO a SELECT generate_series(1, "+rows+"); ANALYZE a")
	}
	r.file("3_c", requireID, "ALTER TABLE a ALTER COLUMN id DROP NOT NULL;")
	r.run(t.Context(), fault.ExitDone, "up", "--only", "head")

	page, sarif := filepath.Join(r.dir, "page.html"), filepath.Join(r.dir, "found.sarif")
	out, errs := over(fault.ExitFound, "review", "--verbose", "--html", page, "--sarif", sarif)
	mentions(t, out, "3_c.up.sql:1: danger: every row of public.a is read under ACCESS EXCLUSIVE (scan-not-null)\n  public.a: 20,000 rows, ", " in large. Reads and writes stop until every row is read. 3 of 4 targets have it.\n",
		"of 2 versions observed on PostgreSQL", "for 4 targets: 1 danger")
	mentions(t, errs, "1 finding of severity danger or worse", ": observing 3_c")
	if n := strings.Count(out, "scan-not-null"); n != 1 {
		t.Errorf("the finding is told %d times:\n%s", n, out)
	}
	if n := strings.Count(errs, "observing 3_c"); n != 2 { // one for those that lack 2_b too
		t.Errorf("observed %d times:\n%s", n, errs)
	}
	for file, want := range map[string]string{page: "20,000 rows", sarif: "scan-not-null"} {
		if text, err := os.ReadFile(file); err != nil || !strings.Contains(string(text), want) {
			t.Errorf("%s: %v, or no %q", file, err, want)
		}
	}
	out, _ = over(fault.ExitFound, "review", "--json")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	var last jsonFleet
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &last); err != nil || len(lines) != 5 || last.Review == nil || len(last.Review.Findings) != 1 || last.Review.Findings[0].Target != "large" || last.Review.Findings[0].Targets != 3 {
		t.Errorf("%v\n%s", err, out)
	}

	// plan shows what is observed once, below the plans.
	out, _ = over(fault.ExitDone, "plan", "--observe")
	mentions(t, out, "head:\n  nothing to do\n", "3_c.up.sql:1: danger: ", "reads every row of public.a")
	// What is too dangerous for one target stops no other.
	out, errs = over(fault.ExitFound, "up", "--review", "danger")
	mentions(t, out, "scan-not-null", "in large. Reads", "for 1 target: 1 danger", "      3  3   done")
	mentions(t, errs, "large: rung: nothing was applied: 1 finding of severity danger or worse", "1 of 4 targets failed: large")
	r.is("large", newestVersion, "2")
	r.is("behind", newestVersion, "3")
}

// TestFleetReviewMistakes: what is wrong with the flags or the files is told once.
func TestFleetReviewMistakes(t *testing.T) {
	r := newFleetRig(t, "a", "b")
	for _, args := range [][]string{{"review", "--severity", "drop-tabel=off"}, {"review", "--fail-on", "never"}, {"up", "--review", "never"}, {"review", "--from", "x"}} {
		if _, errs := r.run(t.Context(), fault.ExitUsage, args...); strings.Count(errs, "rung: ") != 1 {
			t.Errorf("%v:\n%s", args, errs)
		}
	}
	r.file("3_c", "-- rung:allow drop-table why\nSELECT 1;", "SELECT 1;")
	_, errs := r.run(t.Context(), fault.ExitUsage, "review", "--scratch-url", r.url["a"])
	if strings.Count(errs, "has nothing to suppress") != 1 {
		t.Errorf("%s", errs)
	}
	_, errs = r.run(t.Context(), fault.ExitUsage, "verify")
	mentions(t, errs, "--targets has no place with verify", "asks no database")
	out, _ := r.alone(t, fault.ExitDone, map[string]string{"RUNG_TARGETS": r.list}, "verify", "--from", "3", "--scratch-url", r.url["a"])
	mentions(t, out, "verified 1 version")
	t.Setenv("RUNG_REVIEW_SEVERITY", "no-down=off, drop-tabel=off")
	for _, args := range [][]string{{"review"}, {"plan", "--observe"}, {"up", "--review", "danger"}} {
		_, errs := r.run(t.Context(), fault.ExitUsage, args...)
		mentions(t, errs, `RUNG_REVIEW_SEVERITY: there is no finding "drop-tabel"`)
	}
}

// alone runs rung without targets on the command line.
func (r *fleetRig) alone(t *testing.T, code int, env map[string]string, args ...string) (out, errs string) {
	t.Helper()
	for name, value := range env {
		t.Setenv(name, value)
	}
	var stdout, stderr bytes.Buffer
	if got := run(t.Context(), append([]string{"rung", "--dir", r.dir}, args...), strings.NewReader(""), &stdout, &stderr); got != code {
		t.Fatalf("%v: exit status %d, not %d\n%s%s", args, got, code, stdout.String(), stderr.String())
	}
	return stdout.String(), stderr.String()
}

// TestSchemasReview: the files are observed in a schema that stands for each of
// them, and weighed by each one's own tables.
func TestSchemasReview(t *testing.T) {
	r := newSchemaRig(t, 3)
	r.over(t.Context(), fault.ExitDone, r.address, "up")
	pgtest.Exec(t, r.address, "INSERT INTO tenant_2.a SELECT generate_series(1001, 20000); UPDATE tenant_3.a SET n = -1 WHERE id = 7; ANALYZE tenant_2.a; CREATE EXTENSION citext; CREATE SCHEMA extra")
	r.file("3_c", "ALTER TABLE a ALTER COLUMN n TYPE bigint, ADD CONSTRAINT a_n CHECK (n >= 0);", "ALTER TABLE a DROP CONSTRAINT a_n, ALTER COLUMN n TYPE int;")
	args := []string{"--check-data", "--verbose", "--shared-schema", "extra", "--scratch-url", r.address}
	out, errs := r.over(t.Context(), fault.ExitFound, r.address, append([]string{"review"}, args...)...)
	mentions(t, out, "danger: a is rewritten (table-rewrite)\n  a: 20,000 rows, ", " in tenant_2. ", "3 of 3 targets have it.",
		"error: live rows break it: (n >= 0) holds (would-violate)", "Of 3 targets only tenant_3 has it.", "SELECT * FROM tenant_3.a WHERE NOT", "locks a: ACCESS EXCLUSIVE")
	if strings.Count(errs, "observing 3_c") != 1 || strings.Contains(out+errs, "rung_scope") {
		t.Errorf("%s%s", out, errs)
	}
	_, errs = r.over(t.Context(), fault.ExitFailed, r.address, "up", "--review", "danger", "--scratch-url", r.address)
	mentions(t, errs, "tenant_2: rung: nothing was applied", "tenant_1: applied 1 migration", "tenant_3: rung: ", `check constraint "a_n"`)
}
