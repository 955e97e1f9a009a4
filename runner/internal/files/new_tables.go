package files

import (
	"slices"
	"strings"

	"rung/internal/script"
)

// IsBrief reports whether statement i is over before anybody could ask what runs: it
// creates a table and looks at no other, or builds on one that the file has created.
func (s *Script) IsBrief(i int) bool { return s.MakesTable(i) || s.BuildsOnNewTable(i) }

// OnlyMakesTables reports whether the file does nothing else: it calls no function, and
// leaves a session as it was.
func (s *Script) OnlyMakesTables() bool {
	for i := range s.Parsed.Statements {
		if !s.IsBrief(i) {
			return false
		}
	}
	return len(s.Parsed.Statements) > 0
}

// MakesTable reports whether statement i creates a table by its columns alone: it waits
// for no lock of a table, as for a foreign key, and reads none.
func (s *Script) MakesTable(i int) bool {
	st := &s.Parsed.Statements[i]
	if _, ok := newTable(st.Words); !ok {
		return false
	}
	for t := range script.Tokens(st.Text) {
		if word := st.Text[t.From:t.To]; t.Kind == script.Word && (strings.EqualFold(word, "REFERENCES") || strings.EqualFold(word, "LIKE")) {
			return false
		}
	}
	return true
}

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
