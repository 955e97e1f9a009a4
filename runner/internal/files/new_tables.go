package files

import (
	"slices"
	"strings"

	"rung/internal/script"
)

// Brief says of each statement of a file whether it is over before anybody could ask what
// runs: it creates a table and looks at no other, or builds on one that the file has
// created.
type Brief []bool

// Brief reads all statements once.
func (s *Script) Brief() Brief {
	brief := Brief(s.buildsOnNewTables())
	for i := range brief {
		brief[i] = brief[i] || s.makesTable(i)
	}
	return brief
}

// All reports whether the file does nothing else: it calls no function, and leaves a
// session as it was.
func (b Brief) All() bool { return len(b) > 0 && !slices.Contains(b, false) }

// makesTable reports whether statement i creates a table by its columns alone: it waits
// for no lock of a table, as for a foreign key, and reads none.
func (s *Script) makesTable(i int) bool {
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

// buildsOnNewTables says which statements build an index on a table that the file has
// created, with nothing but such statements above them: nobody else sees that table and
// it has no rows, so they neither wait nor take long.
func (s *Script) buildsOnNewTables() []bool {
	builds := make([]bool, len(s.Parsed.Statements))
	tables := map[string]bool{}
	for i := range builds {
		w := Words(s.Parsed.Statements[i].Words)
		if name, ok := newTable(w); ok {
			tables[name] = true
		} else if builds[i] = buildsOn(w, tables); !builds[i] {
			break
		}
	}
	return builds
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
func buildsOn(w Words, tables map[string]bool) bool {
	on := slices.Index(w, "ON")
	if on < 0 || w.has("CONCURRENTLY") || !w.Starts("CREATE INDEX") && !w.Starts("CREATE UNIQUE INDEX") {
		return false
	}
	name, _ := tableName(w[on+1:])
	return tables[name]
}

// tableName is the name that the words begin with, and what comes behind it.
func tableName(w Words) (name string, rest Words) {
	n := min(1, len(w))
	for w.At(n) == "." && n+1 < len(w) {
		n += 2
	}
	return strings.Join(w[:n], ""), w[n:]
}
