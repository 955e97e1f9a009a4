package files

import (
	"slices"
	"strings"
)

// BuildsOnNewTable reports whether statement i builds an index on a table that the
// file has created, and nothing but such statements stands above it: nobody else
// sees that table and it has no rows, so the statement neither waits nor takes long.
func (s *Script) BuildsOnNewTable(i int) bool {
	var tables []string
	for n := range i {
		w := Words(s.Parsed.Statements[n].Words)
		name, ok := newTable(w)
		switch {
		case ok:
			tables = append(tables, name)
		case !buildsOn(w, tables):
			return false
		}
	}
	return buildsOn(s.Parsed.Statements[i].Words, tables)
}

// newTable is the name of a table that has no rows: CREATE TABLE name (…) and no
// word more.
func newTable(w Words) (name string, ok bool) {
	if !w.Starts("CREATE TABLE") {
		return "", false
	}
	name, rest := tableName(w[2:])
	return name, slices.Equal(rest, Words{"(", ")"})
}

// buildsOn reports whether the words are those of CREATE INDEX on one of the tables.
func buildsOn(w Words, tables []string) bool {
	on := slices.Index(w, "ON")
	if on < 0 || w.has("CONCURRENTLY") || !w.Starts("CREATE INDEX") && !w.Starts("CREATE UNIQUE INDEX") {
		return false
	}
	name, _ := tableName(w[on+1:])
	return slices.Contains(tables, name)
}

// tableName is the name that the words begin with, and what comes behind it.
func tableName(w Words) (name string, rest Words) {
	n := min(1, len(w))
	for w.At(n) == "." && n+1 < len(w) {
		n += 2
	}
	return strings.Join(w[:n], ""), w[n:]
}
