package proof

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"rung/runner"
)

var update = flag.Bool("update", false, "rewrite testdata and docs/findings.md")

// observedFile holds the statements of testdata/observed.txt with what they do:
// id|statement|locks|rewritten|read in full|indexes built|failure. A line with
// "15:" or "18:" before the id holds for that version only.
const observedFile = "testdata/observed.txt"

// shortModes are the modes as the file writes them.
var shortModes = map[LockMode]string{
	"ACCESS SHARE": "AS", "ROW SHARE": "RS", "ROW EXCLUSIVE": "RX", "SHARE UPDATE EXCLUSIVE": "SUX", "SHARE": "S", "SHARE ROW EXCLUSIVE": "SRX", "EXCLUSIVE": "X", "ACCESS EXCLUSIVE": "AX",
}

// TestObservedStatements runs each statement in a transaction of its own and
// compares what it was seen to do.
func TestObservedStatements(t *testing.T) {
	t.Parallel()
	setup, err := os.ReadFile("testdata/observed-setup.sql")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(observedFile)
	if err != nil {
		t.Fatal(err)
	}
	scratch, err := OpenScratch(t.Context(), ScratchConfig{})
	if err != nil {
		t.Fatal(err)
	}
	defer scratch.Close()
	base, err := scratch.Create(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	mustExec(t, base, string(setup))
	major := fmt.Sprint(scratch.Version / 10000)
	measured, truths, ran := measuredStatements(t), loadTruth(t, major), map[string]bool{}
	var lines []string
	for line := range strings.Lines(string(text)) {
		line = strings.TrimRight(line, "\n")
		version, rest, only := strings.Cut(line, ":")
		if !only || len(version) != 2 {
			version, rest = major, line
		}
		fields := strings.Split(rest, "|")
		if version != major || len(fields) < 2 {
			lines = append(lines, line)
			continue
		}
		got := observeAlone(t, scratch, base, fields[0], fields[1])
		if !*update && got != rest {
			t.Errorf("%s\nwant\n%s", got, rest)
		}
		if want, ok := truths[fields[0]]; ok && measured[fields[0]] == fields[1] {
			ran[fields[0]] = true
			for _, d := range want.differs(got) {
				t.Errorf("%s\nis not what was measured: %s", got, d)
			}
		}
		lines = append(lines, strings.TrimSuffix(line, rest)+got)
	}
	for id := range truths {
		if !ran[id] && slices.Contains([]string{"15", "18"}, major) {
			t.Errorf("%s was measured on %s, and not observed", id, major)
		}
	}
	if *update {
		if err := os.WriteFile(observedFile, []byte(strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// observeAlone observes one statement, or several that ";;" parts and of which
// the last one counts, and undoes them.
func observeAlone(t *testing.T, scratch *Scratch, base *Database, id, statement string) string {
	t.Helper()
	o := &observer{scratch: scratch, db: base, judge: func(*moment) {}}
	s := directory(t, "1_case.up.sql", strings.ReplaceAll(statement, ";;", ";")+";").Migrations[0].Up
	closeSession, err := o.open(t.Context(), "Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	defer closeSession()
	if err := o.look(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.known, o.knownObjects = o.now.relations, o.now.objects
	if s.Steps[0].Verb != "" {
		err = o.file(t.Context(), "1", runner.Up, s, 0, "Europe/Berlin")
	} else {
		err = observeAndUndo(t, o, s)
	}
	if err != nil {
		t.Fatalf("%s: %v", id, err)
	}
	last := o.all[len(o.all)-1]
	var locks, builds []string
	for _, l := range last.Locks {
		if !l.New && (l.by.Observed == last) {
			locks = append(locks, shortened(l.Relation)+" "+shortModes[l.Mode])
		}
	}
	for _, b := range last.Builds {
		builds = append(builds, shortened(b.Index))
	}
	row := []string{id, statement}
	for _, list := range [][]string{locks, shortenedAll(last.Rewrites), shortenedAll(last.Scans), builds} {
		slices.Sort(list)
		row = append(row, strings.Join(list, " "))
	}
	return strings.Join(append(row, last.SQLState), "|")
}

// observeAndUndo runs a script in a transaction that is rolled back.
func observeAndUndo(t *testing.T, o *observer, s *runner.Script) error {
	o.script, o.sts, o.version = s, s.Statements(), "1"
	if err := o.exec(t.Context(), "BEGIN"); err != nil {
		return err
	}
	o.tx = &transaction{held: map[int64]heldLock{}}
	if err := o.look(t.Context()); err != nil {
		return err
	}
	for i := range o.sts {
		if err := o.run(t.Context(), o.begin(i, s.Steps[0]), i, nil); err != nil {
			return err
		}
	}
	return o.exec(t.Context(), "ROLLBACK")
}

func shortened(name string) string { return strings.TrimPrefix(name, "public.") }

func shortenedAll(names []string) (short []string) {
	for _, n := range names {
		short = append(short, shortened(n))
	}
	return short
}
