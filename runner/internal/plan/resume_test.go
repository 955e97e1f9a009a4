package plan

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"rung/runner/internal/files"
)

// A file in this test is a list of steps such as "a b B": a small letter is a
// VACUUM, a capital one a batch over t.id. A record is a list of the same, with
// "-" for a number that has no checkpoint, and behind each letter its state, "+"
// for done, "!" for failed, "?" for started, and how many batches are committed.
func fitFile(t *testing.T, list string) string {
	t.Helper()
	var b strings.Builder
	for _, c := range strings.Fields(list) {
		if c == strings.ToUpper(c) {
			fmt.Fprintf(&b, "-- rung:batch key=t.id\nUPDATE %s SET n = 1 WHERE id BETWEEN $1 AND $2;\n", c)
		} else {
			fmt.Fprintf(&b, "VACUUM %s;\n", c)
		}
	}
	return b.String()
}

func fitRecord(t *testing.T, list, file string) *Record {
	t.Helper()
	r := &Record{Steps: map[StepKey]StepRow{}}
	if file != "" {
		r.UpSQL = map[files.Version]string{"1": fitFile(t, file)}
	}
	for i, item := range strings.Fields(list) {
		if item == "-" {
			continue
		}
		row := StepRow{State: map[byte]string{'+': "done", '!': "failed", '?': "started"}[item[1]]}
		row.Checksum = load(t, pairs{"1_m.up.sql": fitFile(t, item[:1])}).Migrations[0].Up.Steps[0].Checksum
		if len(item) > 2 {
			if _, err := fmt.Sscan(item[2:], &row.Batches); err != nil {
				panic(err) // a case misspelt
			}
			row.BatchKey = "public.t (id)"
		}
		r.Steps[StepKey{"1", files.Up, i + 1}] = row
	}
	return r
}

func fitText(f Fit) string {
	var all []string
	slices.SortFunc(f.Moves, func(a, b StepMove) int { return a.From - b.From })
	for _, m := range f.Moves {
		s := fmt.Sprintf("%d>%d", m.From, m.To)
		if m.Now != m.Was {
			s += "*"
		}
		all = append(all, s)
	}
	for _, n := range f.Edited {
		all = append(all, fmt.Sprintf("edited %d", n))
	}
	if f.lost > 0 {
		all = append(all, fmt.Sprintf("lost %d", f.lost))
	}
	return strings.Join(all, ", ")
}

// Where the checkpoints go: from > to, with a star for a statement that was edited.
func TestFitSteps(t *testing.T) {
	for _, c := range []struct{ record, recorded, file, want string }{
		{"a+ b!", "", "a b c", ""},
		{"a+ b!", "", "a x b", "2>3"},
		{"a+ b!", "", "a x y b", "2>4"},
		{"a+ b!", "", "a x", "2>2*"},
		{"a+ b!", "", "a", "2>0"},
		{"a+ b!", "", "x b", "edited 1"},
		{"a+ b!", "", "x a b", "2>3, edited 1"},
		{"a+ b+ c!", "", "a", "3>0, edited 2"},
		// Whether it succeeded is not known.
		{"a+ b?", "", "a x b", "2>3"},
		{"a+ b?", "", "a x", "edited 2"},
		{"a+ b?", "", "a", "edited 2"},
		// Fixed before.
		{"a+ b! - d!", "", "a d", "2>0, 4>2"},
		{"a+ b! c!", "", "a c b", "2>3, 3>2"},
		{"a+ b! - d!", "", "a x y z d", "2>2*, 4>5"},
		{"a+ - c!", "", "a c", "3>2"},
		{"a+ b! c!", "", "a c", "2>0, 3>2"},
		{"a+ b! c!", "", "a x b", "2>3, 3>0"},
		// The same statement twice.
		{"A+ A!2", "A A", "A A", ""},
		{"A!2", "A A", "x A A", "1>2"},
		// Batches.
		{"A!4", "A", "x A", "1>2"},
		{"A!4", "A", "B A", "1>2"},
		{"A?4", "A", "B A", "1>2"},
		{"A!4", "A", "B", "1>1*"},
		{"A?4", "A", "B", "1>1*"},
		{"A?", "A", "B", "edited 1"},
		{"A!", "A", "B", "1>1*"},
		{"A!4", "A", "x B", "1>2*"},
		{"A!4", "A", "B C", "lost 1"},
		{"A!4", "A", "x", "lost 1"},
		{"A!4", "A", "", "lost 1"},
		{"A!4", "A C", "C", "lost 1"},
		{"A!4", "A C", "B C", "1>1*"},
		{"A!4", "A C", "C B", "1>2*"},
		{"A!4 B!3", "A B", "C B", "1>1*"},
		{"A!4 B!3", "A B", "C D", "lost 1"},
		// Without the file that is recorded.
		{"A!4", "", "B", "1>1*"},
		{"A!4", "", "x A", "1>2"},
		{"A!4", "", "x B", "lost 1"},
		{"A!4", "", "B C", "lost 1"},
	} {
		s := load(t, pairs{"1_m.up.sql": fitFile(t, c.file)}).Migrations[0].Up
		if got := fitText(fitSteps(s, "1", "m", files.Up, fitRecord(t, c.record, c.recorded))); got != c.want {
			t.Errorf("%q on %q (%q): %q, want %q", c.file, c.record, c.recorded, got, c.want)
		}
	}
}

// A key that is recorded can be told from another one by its columns and its
// table, as far as the directive names it.
func TestBatchMayBe(t *testing.T) {
	for key, want := range map[string]bool{
		"users.id": true, "app.users.id": true, "users(id)": true, `"users"."id"`: true,
		"other.users.id": false, "sers.id": false, "users.other": false, "users(id,other)": false, "people.id": false,
	} {
		b := &files.Batch{}
		must(t, b.ParseKey(key))
		if got := b.MayBe("app.users (id)"); got != want {
			t.Errorf("%s: %t", key, got)
		}
		if !b.MayBe("") {
			t.Errorf("%s is not any key", key)
		}
	}
}
