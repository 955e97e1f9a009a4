package proof

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// truth is what was measured of a statement before this package was written, by
// hand: testdata/observed-truth.txt says how it is read.
type truth struct{ locks, rewrite, scans, build, fails string }

// loadTruth reads what holds for a major version, by the ids of the statements.
func loadTruth(t *testing.T, major string) map[string]truth {
	t.Helper()
	text, err := os.ReadFile("testdata/observed-truth.txt")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]truth{}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimRight(line, "\n")
		if version, rest, only := strings.Cut(line, ":"); only && len(version) == 2 {
			if version != major {
				continue
			}
			line = rest
		}
		if strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(line, "|")
		for id := range strings.FieldsSeq(f[0]) {
			all[id] = truth{f[1], f[2], f[3], f[4], f[5]}
		}
	}
	return all
}

// measuredStatements are the 128 statements that were measured, by id.
func measuredStatements(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile("testdata/observed-statements.txt")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for line := range strings.Lines(string(text)) {
		id, statement, _ := strings.Cut(strings.TrimRight(line, "\n"), "|")
		all[id] = statement
	}
	return all
}

// differs says in what an observed row of testdata/observed.txt is not the truth.
func (want truth) differs(row string) (all []string) {
	f := strings.Split(row, "|")
	locks, rewrites, scans, builds, fails := f[2], f[3], f[4], f[5], f[6]
	if want.locks != "?" {
		got, wanted := pairsOf(locks), pairsOf(strings.TrimSuffix(strings.Trim(want.locks, "-"), " +"))
		for _, l := range wanted {
			if !slices.Contains(got, l) {
				all = append(all, "no lock "+l)
			}
		}
		for _, l := range got {
			if !slices.Contains(wanted, l) && !strings.HasSuffix(want.locks, "+") {
				all = append(all, "another lock "+l)
			}
		}
	}
	for _, c := range []struct{ what, want, got string }{{"rewritten", want.rewrite, rewrites}, {"index built", want.build, builds}} {
		if c.want != "?" && (c.want == "yes") != (c.got != "") {
			all = append(all, fmt.Sprintf("%s: %s, but %q", c.what, c.want, c.got))
		}
	}
	if want.scans != "?" {
		got, wanted := strings.Fields(scans), strings.Fields(strings.TrimPrefix(want.scans, "no"))
		slices.Sort(wanted)
		if !slices.Equal(got, wanted) {
			all = append(all, fmt.Sprintf("read in full: %v, want %v", got, wanted))
		}
	}
	if want.fails != fails {
		all = append(all, fmt.Sprintf("fails with %q, want %q", fails, want.fails))
	}
	return all
}

// pairsOf are "table MODE" of a list of them.
func pairsOf(list string) (pairs []string) {
	words := strings.Fields(list)
	for i := 0; i+1 < len(words); i += 2 {
		pairs = append(pairs, words[i]+" "+words[i+1])
	}
	return pairs
}
