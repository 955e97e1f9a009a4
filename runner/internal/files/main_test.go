package files

import (
	"flag"
	"io/fs"
	"os"
	"testing"
	"testing/fstest"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// pairs is a directory in memory: file names and their SQL.
type pairs map[string]string

func (f pairs) fs() fs.FS {
	m := fstest.MapFS{}
	for name, text := range f {
		m[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return m
}

// load is Load under the label "sql", and must find nothing wrong.
func load(t testing.TB, f pairs) *Directory {
	t.Helper()
	d := loadBad(t, f)
	must(t, d.Bad())
	return d
}

// loadBad is load for files with problems.
func loadBad(t testing.TB, f pairs) *Directory {
	t.Helper()
	d, err := Load(f.fs(), "sql")
	must(t, err)
	return d
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// golden compares with a file, or writes it with -update.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		must(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	must(t, err)
	if got != string(want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
