package importer

import (
	"errors"
	"flag"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"rung/runner"
)

var update = flag.Bool("update", false, "write the directories out/ in testdata as they come out")

// TestGolden imports each directory testdata/CASE/in and compares with out. A
// case is named after its tool, and what is special in it behind a dot. The
// notes are in out/notes.
func TestGolden(t *testing.T) {
	cases, err := filepath.Glob("testdata/*/in")
	if err != nil || len(cases) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	covered := map[string]bool{}
	for _, in := range cases {
		dir := filepath.Dir(in)
		name := filepath.Base(dir)
		tool, _, _ := strings.Cut(name, ".")
		covered[tool] = true
		t.Run(name, func(t *testing.T) { golden(t, in, filepath.Join(dir, "out"), tool) })
	}
	for _, name := range Tools() {
		if !covered[name] {
			t.Errorf("testdata has no case of %s", name)
		}
	}
}

func golden(t *testing.T, in, out, tool string) {
	result, err := Import(os.DirFS(in), "old", Options{})
	var refusal *runner.RefusalError
	if errors.As(err, &refusal) && strings.Contains(refusal.Hint, "--from "+tool) {
		result, err = Import(os.DirFS(in), "old", Options{From: tool})
	}
	if err != nil {
		t.Fatal(err)
	}
	if result.Tool != tool {
		t.Fatalf("taken for files of %s", result.Tool)
	}
	is := written(result)
	if *update {
		rewrite(t, out, is)
		return
	}
	was := map[string]string{}
	for _, e := range entries(t, out) {
		text, err := os.ReadFile(filepath.Join(out, e))
		if err != nil {
			t.Fatal(err)
		}
		was[e] = string(text)
	}
	for _, name := range slices.Sorted(maps.Keys(merged(was, is))) {
		if was[name] != is[name] {
			t.Errorf("%s: is\n%s\nwas\n%s", name, is[name], was[name])
		}
	}
}

// written are the files of a result by name, and its notes.
func written(result *Result) map[string]string {
	is := map[string]string{}
	for _, p := range result.Pairs {
		is[p.Version+"_"+p.Name+".up.sql"] = p.Up.String()
		if p.Down != nil {
			is[p.Version+"_"+p.Name+".down.sql"] = p.Down.String()
		}
		if p.Was != "" {
			is["notes"] += p.Version + " was " + p.Was + "\n"
		}
	}
	for _, n := range result.Notes {
		is["notes"] += n.String() + "\n"
	}
	return is
}

func merged(a, b map[string]string) map[string]string {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

func rewrite(t *testing.T, out string, files map[string]string) {
	if err := os.RemoveAll(out); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(out, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func entries(t *testing.T, dir string) (names []string) {
	found, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range found {
		names = append(names, e.Name())
	}
	return names
}

// files makes a directory of names and texts in turn.
func files(namesAndTexts ...string) fs.FS {
	m := fstest.MapFS{}
	for i := 0; i < len(namesAndTexts); i += 2 {
		m[namesAndTexts[i]] = &fstest.MapFile{Data: []byte(namesAndTexts[i+1])}
	}
	return m
}
