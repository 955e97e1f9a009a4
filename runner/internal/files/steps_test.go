package files

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rung/internal/english"
)

// Each testdata/steps/NN_name.sql is grouped into steps, and what comes out is
// NN_name.golden.
func TestSteps(t *testing.T) {
	paths, err := filepath.Glob("testdata/steps/*.sql")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no files: %v", err)
	}
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".sql")
		t.Run(name, func(t *testing.T) {
			s, err := loadScript(os.DirFS("testdata/steps"), name+".sql", name)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, strings.TrimSuffix(path, ".sql")+".golden", describeSteps(s))
		})
	}
}

func describeSteps(s *Script) string {
	var b strings.Builder
	brief := func(i int) string {
		st := &s.Parsed.Statements[i]
		text := strings.Join(strings.Fields(st.Text[st.Lead:]), " ")
		return fmt.Sprintf("%d: %.60s", st.Pos.Line, text)
	}
	fmt.Fprintf(&b, "%s, %s\n", s.Mode(), english.Count(len(s.Steps), "step"))
	for n, step := range s.Steps {
		fmt.Fprintf(&b, "\nstep %d", n+1)
		if !step.Transactional() {
			fmt.Fprintf(&b, ", outside: %s", step.Verb)
		}
		b.WriteByte('\n')
		for _, i := range step.Session {
			fmt.Fprintf(&b, "  session %s\n", brief(i))
		}
		if step.Begin >= 0 {
			fmt.Fprintf(&b, "  begin   %s\n", brief(step.Begin))
		}
		for i := step.First; i < step.Last; i++ {
			fmt.Fprintf(&b, "  runs    %s\n", brief(i))
		}
	}
	for _, p := range s.Problems {
		fmt.Fprintf(&b, "\nrefused %s", p)
	}
	for _, p := range s.warnings {
		fmt.Fprintf(&b, "\nwarning %s", p)
	}
	return strings.TrimSuffix(b.String(), "\n") + "\n"
}

// A step's checksum is that of what it runs: its statements, and the SETs that
// are sent with it. Comments between the statements are nobody's business.
func TestStepChecksums(t *testing.T) {
	const base = "SET search_path = a;\nCREATE INDEX CONCURRENTLY i ON t (a);\nINSERT INTO t VALUES (1);\n"
	of := func(sql string) (sums [2]string) {
		s := load(t, pairs{"1_a.up.sql": sql}).Migrations[0].Up
		if len(s.Steps) != 2 {
			t.Fatalf("%q: %d steps", sql, len(s.Steps))
		}
		return [2]string{s.Steps[0].Checksum, s.Steps[1].Checksum}
	}
	want := of(base)
	if want[0] == want[1] {
		t.Error("two steps, one checksum")
	}
	for name, c := range map[string]struct {
		sql  string
		same [2]bool
	}{
		"a comment above":            {strings.Replace(base, "CREATE", "-- why\nCREATE", 1), [2]bool{true, true}},
		"blank lines and CRLF":       {strings.ReplaceAll(base, "\n", "\r\n\r\n"), [2]bool{true, true}},
		"another first step":         {strings.Replace(base, "(a)", "(b)", 1), [2]bool{false, true}},
		"another second step":        {strings.Replace(base, "(1)", "(2)", 1), [2]bool{true, false}},
		"another SET above both":     {strings.Replace(base, "= a;", "= b;", 1), [2]bool{false, false}},
		"a SET more between the two": {strings.Replace(base, "INSERT", "SET work_mem = '8MB';\nINSERT", 1), [2]bool{true, false}},
	} {
		got := of(c.sql)
		for i := range got {
			if same := got[i] == want[i]; same != c.same[i] {
				t.Errorf("%s: step %d has the same checksum: %t", name, i+1, same)
			}
		}
	}
}
