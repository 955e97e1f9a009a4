package plan

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"rung/runner/internal/files"
)

// A directory in these tests is a list such as "1 2e 3u": versions, each with
// an up and a down file, and letters for what is special about them:
//
//	e  the up file was edited      E  the down file was edited
//	n  it has another name         u  it has no down file
//	d  it has only a down file     i  its down file is irreversible
//	s  the up file has two steps   S  the down file has two steps
//	h  and the head of the up was edited
//	b  the up file runs in batches
//
// A record is a list of the same kind, of what was applied, with
//
//	a  in part: step 1 is done     A  in part: step 1 was started
//	r  reverted in part: step 1 of the down is done
func planDir(t *testing.T, list string) *files.Directory {
	t.Helper()
	f := pairs{}
	for _, item := range strings.Fields(list) {
		v := strings.TrimRight(item, "eEnudisShb")
		has := func(letter string) bool { return strings.Contains(item, letter) }
		name, up, down := "m", "SELECT "+v+";\n", "SELECT -"+v+";\n"
		if has("s") {
			up = "VACUUM;\nSELECT 2;\n"
		}
		if has("h") {
			up = "VACUUM FULL;\nSELECT 2;\n"
		}
		if has("S") {
			down = "VACUUM;\nSELECT 2;\n"
		}
		if has("b") {
			up = "-- rung:batch key=t.id\nDELETE FROM t WHERE id BETWEEN $1 AND $2;\n"
		}
		if has("e") {
			up += "SELECT 'edited';\n"
		}
		if has("E") {
			down += "SELECT 'edited';\n"
		}
		if has("i") {
			down = "-- rung:irreversible why\n" + down
		}
		if has("n") {
			name = "other"
		}
		if !has("d") {
			f[v+"_"+name+".up.sql"] = up
		}
		if !has("u") {
			f[v+"_"+name+".down.sql"] = down
		}
	}
	return load(t, f)
}

func planRecord(t *testing.T, list string) *Record {
	t.Helper()
	r := &Record{Exists: true, Steps: map[StepKey]StepRow{}}
	for _, m := range planDir(t, strings.NewReplacer("a", "", "A", "", "r", "").Replace(list)).Migrations {
		row := AppliedRow{Version: m.Version, Name: m.Name, State: Applied, HasUpSQL: true, UpChecksum: m.Up.Checksum}
		if m.Down != nil {
			row.HasDownSQL, row.DownChecksum = true, &m.Down.Checksum
		}
		i := slices.IndexFunc(strings.Fields(list), func(s string) bool {
			return strings.TrimRight(s, "eEnuiaArsSb") == string(m.Version)
		})
		switch item := strings.Fields(list)[i]; {
		case strings.Contains(item, "a"):
			row.State = Applying
			r.Steps[StepKey{m.Version, files.Up, 1}] = StepRow{Checksum: m.Up.Steps[0].Checksum, State: "done"}
		case strings.Contains(item, "A"):
			row.State = Applying
			r.Steps[StepKey{m.Version, files.Up, 1}] = StepRow{Checksum: m.Up.Steps[0].Checksum, State: "started"}
		case strings.Contains(item, "r"):
			row.State = Reverting
			r.Steps[StepKey{m.Version, files.Down, 1}] = StepRow{Checksum: m.Down.Steps[0].Checksum, State: "done"}
		}
		r.Rows = append(r.Rows, row)
	}
	return r
}

// planned is a plan, or the reason why there is none, on one line.
func planned(p *Plan, err error) string {
	var refusal *RefusalError
	var dis *DisagreementError
	kinds := func(fs []Finding) (all []string) {
		for _, f := range fs {
			all = append(all, fmt.Sprintf("%s %s", f.Kind, f.Version))
		}
		return all
	}
	switch {
	case errors.As(err, &refusal):
		return "refused: " + refusal.Reason
	case errors.As(err, &dis):
		return "disagree: " + strings.Join(kinds(dis.Findings), ", ")
	case err != nil:
		return "error: " + err.Error()
	}
	var todo []string
	for _, a := range p.Actions {
		s := string(a.Version)
		if a.Resumed {
			s += fmt.Sprintf(" from step %d", a.FirstStep+1)
		}
		if a.FirstState != "" {
			s += " " + a.FirstState
		}
		if a.FromRecord {
			s += " recorded"
		}
		todo = append(todo, s)
	}
	s := strings.Join(todo, ", ")
	if len(todo) == 0 {
		s = "nothing"
	}
	if w := kinds(p.Warnings); len(w) > 0 {
		s += "; warns: " + strings.Join(w, ", ")
	}
	if w := waiting(p); w != "" {
		s += "; waiting: " + w
	}
	return s
}

// waiting are the versions that NoBatches left behind.
func waiting(p *Plan) string {
	var all []string
	for _, m := range p.Waiting {
		all = append(all, string(m.Version))
	}
	return strings.Join(all, ", ")
}

func TestPlanUp(t *testing.T) {
	to := func(v string) Request { return Request{To: version(v)} }
	for _, c := range []struct {
		dir, record string
		req         Request
		want        string
	}{
		// What is pending, and how much of it.
		{"", "", Request{}, "nothing"},
		{"1 2 3", "", Request{}, "1, 2, 3"},
		{"1 2 3", "1", Request{}, "2, 3"},
		{"1 2 3", "1 2 3", Request{}, "nothing"},
		{"9 10 100", "9", Request{}, "10, 100"},
		{"1 2 3", "1", Request{Steps: 1}, "2"},
		{"1 2 3", "1", Request{Steps: 9}, "2, 3"},
		{"1 2 3", "", to("2"), "1, 2"},
		{"1 2 3", "1 2", to("2"), "nothing"},
		{"1 2 3", "1 2 3", to("1"), "nothing"},
		{"1 2 3", "", Request{To: version("2"), Steps: 1}, "1"},
		{"1 2 3", "", to("4"), "refused: there is no version 4 in sql"},
		{"1 2", "1 2 3", to("3"), "nothing; warns: missing 3"},
		{"1 2d 3", "1", Request{}, "3"},
		{"1 2u 3", "1", Request{}, "2, 3"},
		// In part.
		{"1 2s 3", "1 2sa", Request{}, "2 from step 2, 3; warns: half-applied 2"},
		{"1 2s 3", "1 2sA", Request{}, "2 from step 1 started, 3; warns: half-applied 2"},
		{"1 2se", "1 2sa", Request{}, "2 from step 2; warns: half-applied 2"},
		{"1 2sh", "1 2sa", Request{}, "disagree: edited-step 2"},
		{"1 2sh", "1 2sA", Request{}, "disagree: edited-step 2"},
		{"1 2", "1 2sa", Request{}, "disagree: edited-step 2"},
		{"1 2s 3", "1 2sa", to("1"), "nothing; warns: half-applied 2"},
		{"1 2S 3", "1 2Sr", Request{}, "disagree: half-reverted 2"},
		{"1 2s 3", "1 2sa 3", Request{}, "2 from step 2; warns: half-applied 2"},
		// Out of order.
		{"1 2 3", "1 3", Request{}, "disagree: out-of-order 2"},
		{"1 2 3", "3", Request{}, "disagree: out-of-order 1, out-of-order 2"},
		{"1 2 3", "1 3", Request{AllowOutOfOrder: true}, "2; warns: out-of-order 2"},
		{"1 2 3 4", "1 3", Request{AllowOutOfOrder: true, Steps: 1}, "2; warns: out-of-order 2"},
		{"1 2 3 4", "3", to("1"), "disagree: out-of-order 1"},
		{"1 2d 3", "1 3", Request{}, "nothing"},
		// Ahead of the directory, and diverged.
		{"1 2", "1 2 3", Request{}, "nothing; warns: missing 3"},
		{"1 2", "1 2 3", Request{Strict: true}, "disagree: missing 3"},
		{"1 2 4", "1 2 3", Request{}, "disagree: missing 3"},
		{"1 2d 3", "1 2 3", Request{}, "nothing; warns: missing 2"},
		{"2", "1 2", Request{}, "nothing; warns: missing 1"},
		{"1 3", "2", Request{}, "disagree: missing 2, out-of-order 1"},
		{"1 3", "2", Request{AllowOutOfOrder: true}, "disagree: missing 2"},
		// Edited, renamed.
		{"1e 2", "1 2", Request{}, "disagree: edited-up 1"},
		{"1e 2e 3", "1 2", Request{}, "disagree: edited-up 1, edited-up 2"},
		{"1E 2", "1", Request{}, "2; warns: edited-down 1"},
		{"1E 2", "1", Request{Strict: true}, "disagree: edited-down 1"},
		{"1n 2", "1", Request{}, "2; warns: renamed 1"},
		{"1n 2", "1", Request{Strict: true}, "disagree: renamed 1"},
		{"1neE 2", "1", Request{}, "disagree: edited-up 1"},
		{"1u 2", "1", Request{}, "2"},
		{"1 2", "1u", Request{}, "2"},
		// Batches.
		{"1 2b 3", "", Request{NoBatches: true}, "1; waiting: 2, 3"},
		{"1 2b 3", "1 2b", Request{NoBatches: true}, "3"},
		{"1 2b 3", "1", Request{NoBatches: true}, "nothing; waiting: 2, 3"},
	} {
		p, err := PlanUp(planDir(t, c.dir), planRecord(t, c.record), c.req)
		if got := planned(p, err); got != c.want {
			t.Errorf("%q on %q, %+v: %s, want %s", c.dir, c.record, c.req, got, c.want)
		}
	}
}

func TestPlanDown(t *testing.T) {
	to := func(v string) Request { return Request{To: version(v)} }
	for _, c := range []struct {
		dir, record string
		req         Request
		want        string
	}{
		{"1 2 3", "", Request{}, "nothing"},
		{"1 2 3", "1 2 3", Request{}, "3"},
		{"1 2 3", "1 2", Request{}, "2"},
		{"1 2 3", "1 2 3", Request{Steps: 2}, "3, 2"},
		{"1 2 3", "1 2 3", Request{Steps: 9}, "3, 2, 1"},
		{"1 2 3", "1 2 3", to("1"), "3, 2"},
		{"1 2 3", "1 2 3", to("3"), "nothing"},
		{"1 2 3", "1 2 3", to("0"), "3, 2, 1"},
		{"1 2 3", "1 2 3", Request{To: version("0"), Steps: 1}, "3"},
		{"1 2 3", "1 2", to("3"), "refused: version 3 is not applied, so down cannot stop there"},
		{"0 1 2", "0 1 2", to("0"), "2, 1, 0"},
		// From the history, where the directory lacks the file.
		{"1 2", "1 2 3", Request{}, "3 recorded"},
		{"", "1 2", to("0"), "2 recorded, 1 recorded"},
		{"1 2u", "1 2", Request{}, "2 recorded"},
		{"1 2d", "1 2", Request{}, "2"},
		// Where the two differ.
		{"1 2E", "1 2", Request{}, "disagree: edited-down 2"},
		{"1 2E", "1 2", Request{DownFrom: FromRecorded}, "2 recorded"},
		{"1 2E", "1 2", Request{DownFrom: FromFile}, "2"},
		{"1E 2", "1 2", Request{}, "2"},
		{"1 2e", "1 2", Request{}, "2"},
		{"1 2", "1 2", Request{DownFrom: FromRecorded}, "2 recorded"},
		{"1 2", "1 2u", Request{}, "2"},
		{"1 2", "1 2u", Request{DownFrom: FromRecorded}, "2"},
		// No down migration: said before anything runs.
		{"1 2u", "1 2u", Request{}, "refused: 2_m has no down file, and none was recorded"},
		{"1 2i", "1 2i", Request{}, "refused: sql/2_m.down.sql is irreversible: why"},
		{"1i 2", "1i 2", to("0"), "refused: sql/1_m.down.sql is irreversible: why"},
		{"1u 2 3", "1u 2 3", to("0"), "refused: 1_m has no down file, and none was recorded"},
		{"1u 2 3", "1u 2 3", to("1"), "3, 2"},
		// In part.
		{"1 2S", "1 2Sr", Request{}, "2 from step 2"},
		{"1 2s", "1 2sa", Request{}, "2"},
		{"1 2SE", "1 2Sr", Request{DownFrom: FromFile}, "2 from step 2"},
		{"1 2", "1 2Sr", Request{DownFrom: FromFile}, "disagree: edited-step 2"},
	} {
		p, err := PlanDown(planDir(t, c.dir), planRecord(t, c.record), c.req)
		if got := planned(p, err); got != c.want {
			t.Errorf("%q on %q, %+v: %s, want %s", c.dir, c.record, c.req, got, c.want)
		}
	}
}

// The hash stands for what would run and how, and for nothing else.
func TestPlanHash(t *testing.T) {
	hash := func(dir, record string) string {
		t.Helper()
		p, err := PlanUp(planDir(t, dir), planRecord(t, record), Request{})
		must(t, err)
		return p.Hash
	}
	want := hash("1 2 3", "1")
	for dir, same := range map[string]bool{
		"1 2n 3n": true,  // names are for people
		"1 2u 3E": true,  // the down files do not run
		"1E 2 3":  true,  // nor does what is applied
		"1 2e 3":  false, // another file
		"1 2 3 4": false, // one more
		"1 2":     false, // one fewer
		"1 3 4":   false,
	} {
		if got := hash(dir, "1"); (got == want) != same {
			t.Errorf("%q: the same hash: %t", dir, got == want)
		}
	}
	if want != "971caa35f16406006f250e5aedcf90f9" {
		t.Errorf("the hash of old plans has changed: %s", want)
	}
	down := func(dir, record string) string {
		t.Helper()
		p, err := PlanDown(planDir(t, dir), planRecord(t, record), Request{To: version("0")})
		must(t, err)
		return p.Hash
	}
	if down("1 2", "1 2") == down("1 2", "1") || down("1 2", "1 2") == hash("1 2", "") {
		t.Error("different work, the same hash")
	}
}

// An interrupted run goes on under the hash that was reviewed.
func TestPlanHashWhenResumed(t *testing.T) {
	dir := planDir(t, "1 2s 3 4")
	first, err := PlanUp(dir, planRecord(t, "1"), Request{})
	must(t, err)
	for _, record := range []string{"1 2s", "1 2sa", "1 2s 3"} {
		r := planRecord(t, record)
		for i := range r.Rows[1:] {
			r.Rows[i+1].PlanHash = &first.Hash
		}
		p, err := PlanUp(dir, r, Request{})
		must(t, err)
		if err := p.Insist(first.Hash, dir, r); err != nil {
			t.Errorf("%q: %v", record, err)
		}
		if err := p.Insist("another", dir, r); err == nil {
			t.Errorf("%q: another hash passes", record)
		}
		// What another run applied meanwhile is not part of the plan.
		for i := range r.Rows {
			r.Rows[i].PlanHash = nil
		}
		if err := p.Insist(first.Hash, dir, r); err == nil && record != "1 2sa" {
			t.Errorf("%q: the old hash passes although another run applied some of it", record)
		}
	}
}

func TestStatusOf(t *testing.T) {
	rows := StatusRows(planDir(t, "1 2e 3sS 4d 6b 7"), planRecord(t, "1 2 3sSa 5 6b"))
	var got []string
	for _, r := range rows {
		s := fmt.Sprintf("%s %s %s %d/%d", r.Version, r.State, r.Mode, r.StepsDone, r.Steps)
		if r.Missing {
			s += " missing"
		}
		got = append(got, s)
	}
	want := []string{
		"1 applied transactional 0/1", "2 applied transactional 0/1", "3 applying stepwise 1/2", "5 applied  0/0 missing",
		"6 applied stepwise 0/1", "7 pending transactional 0/1",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
	if n := Pending(rows); n != 2 {
		t.Errorf("%d pending", n)
	}
}
