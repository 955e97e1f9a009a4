package plan

import (
	"testing"
	"testing/fstest"

	"rung/runner/internal/files"
)

// pairs is a directory in memory: file names and their SQL.
type pairs map[string]string

// load is files.Load under the label "sql", and must find nothing wrong.
func load(t testing.TB, f pairs) *files.Directory {
	t.Helper()
	m := fstest.MapFS{}
	for name, text := range f {
		m[name] = &fstest.MapFile{Data: []byte(text)}
	}
	d, err := files.Load(m, "sql")
	must(t, err)
	must(t, d.Bad())
	return d
}

// version is a Version that the test knows to be good.
func version(s string) *files.Version {
	v, err := files.ParseVersion(s)
	if err != nil {
		panic(err)
	}
	return &v
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
