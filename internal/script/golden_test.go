package script

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// Each testdata/NN_name.sql is split, and what comes out is NN_name.golden.
func TestGolden(t *testing.T) {
	for _, path := range corpus(t) {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".sql"), func(t *testing.T) {
			got := describe(mustSplit(t, mustRead(t, path)))
			golden := strings.TrimSuffix(path, ".sql") + ".golden"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if want := mustRead(t, golden); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// describe prints a File for a person to check.
func describe(f *File) string {
	var b strings.Builder
	fmt.Fprintf(&b, "size %d, sha256 %.12s\n", f.Size, f.Checksum)
	for i, st := range f.Statements {
		fmt.Fprintf(&b, "\nstatement %d at %d:%d, text from %d:%d", i, st.Pos.Line, st.Pos.Col, st.Start.Line, st.Start.Col)
		if !st.Terminated {
			b.WriteString(", not terminated")
		}
		fmt.Fprintf(&b, "\n  lead  %q\n  text  %q\n  words %q\n", st.Text[:st.Lead], st.Text[st.Lead:], st.Words)
		if st.Params != 0 {
			fmt.Fprintf(&b, "  params %b\n", st.Params)
		}
		if d := st.Data; d != nil {
			fmt.Fprintf(&b, "  data  line %d, offset %d, size %d, terminator %d, sha256 %.12s\n", d.Line, d.Offset, d.Size, d.Terminator, d.Checksum)
		}
		if len(st.Directives) > 0 {
			fmt.Fprintf(&b, "  directives %v\n", st.Directives)
		}
	}
	fmt.Fprintf(&b, "\ntail %q\n", f.Tail)
	for i, d := range f.Directives {
		fmt.Fprintf(&b, "directive %d at %d:%d: %q %q, statement %d, inside %t\n", i, d.Pos.Line, d.Pos.Col, d.Name, d.Args, d.Statement, d.Inside)
	}
	for _, p := range f.Problems {
		fmt.Fprintf(&b, "problem %d:%d: %s; %s\n", p.Pos.Line, p.Pos.Col, p.What, p.Fix)
	}
	return b.String()
}

func corpus(t testing.TB) []string {
	t.Helper()
	paths, err := filepath.Glob("testdata/*.sql")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no corpus in testdata: %v", err)
	}
	return paths
}

func mustRead(t testing.TB, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func mustSplit(t testing.TB, sql string) *File {
	t.Helper()
	f, err := Split(strings.NewReader(sql))
	if err != nil {
		t.Fatal(err)
	}
	return f
}
