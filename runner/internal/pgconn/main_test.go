package pgconn

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
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Bad(); err != nil {
		t.Fatal(err)
	}
	return d
}
