package proof

import (
	"strings"
	"testing"

	"rung/runner"
)

// TestFindingRecords runs what each record says has the finding, and what it
// says has not.
func TestFindingRecords(t *testing.T) {
	t.Parallel()
	scratch, err := OpenScratch(t.Context(), ScratchConfig{})
	if err != nil {
		t.Fatal(err)
	}
	defer scratch.Close()
	base, err := scratch.Create(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	mustExec(t, base, findingSetup)
	seen := map[string]bool{}
	for _, r := range findingRecords {
		if seen[r.ID] || r.When == "" || r.Why == "" || r.Safe == "" || r.Bad == "" || r.Good == "" || r.Severity.rank() < 0 {
			t.Errorf("%s: twice, or not all of it is said", r.ID)
		}
		seen[r.ID] = true
		t.Run(r.ID, func(t *testing.T) {
			if got := foundIn(t, scratch, base, r, r.Bad); !got[r.ID] {
				t.Errorf("not found; but %v", got)
			}
			if got := foundIn(t, scratch, base, r, r.Good); got[r.ID] {
				t.Error("found in the neighbour")
			}
		})
	}
}

// foundIn are the ids of what a file behind a record's setup has.
func foundIn(t *testing.T, scratch *Scratch, base *Database, r FindingRecord, text string) map[string]bool {
	t.Helper()
	db, err := scratch.Clone(t.Context(), base)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := scratch.Drop(t.Context(), db); err != nil {
			t.Errorf("drop the copy: %v", err)
		}
	}()
	mustExec(t, db, r.Setup)
	files := []string{"2_case.up.sql", text}
	if !strings.Contains(text, "without a down file") {
		files = append(files, "2_case.down.sql", "-- rung:irreversible an example")
	}
	d := directory(t, files...)
	v := &review{ReviewConfig: ReviewConfig{Dir: d}, report: newReviewReport()}
	if r.Severity == Off {
		v.Severities = map[string]Severity{r.ID: Notice}
	}
	if err := v.choose(t.Context()); err != nil {
		t.Fatal(err)
	}
	if r.Live {
		v.liveLike(t, scratch, db)
	}
	seen, err := v.run(t.Context(), scratch, db)
	if err != nil {
		t.Fatal(err)
	}
	if err := v.judged(t.Context(), seen); err != nil {
		t.Fatal(err)
	}
	v.settle(seen.found)
	return idsOf(v.report)
}

// liveLike gives a review a live database with the tables of the examples, and
// somebody in them who is ten years old.
func (v *review) liveLike(t *testing.T, scratch *Scratch, db *Database) {
	t.Helper()
	live, err := scratch.Clone(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	mustExec(t, live, "INSERT INTO users (id, age) VALUES (1, 10)")
	v.CheckData, v.live = true, &liveDatabase{conn: live.Conn}
}

func mustExec(t *testing.T, d *Database, text string) {
	t.Helper()
	db, err := d.open()
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), text); err != nil {
		t.Fatal(err)
	}
}

func version(text string) *runner.Version {
	v := runner.Version(text)
	return &v
}

func mustReview(t *testing.T, cfg ReviewConfig) *ReviewReport {
	t.Helper()
	cfg.Scratch = onShared(t)
	r, err := Review(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func idsOf(r *ReviewReport) map[string]bool {
	ids := map[string]bool{}
	for _, f := range r.Findings {
		ids[f.ID] = true
	}
	return ids
}
