package exec

import (
	"strings"

	"rung/internal/pgtext"
	"rung/runner/internal/files"
)

// IndexTarget is what a CREATE INDEX CONCURRENTLY names.
type IndexTarget struct {
	Table string  // as written, for to_regclass
	Index *string // the index's name, or nil where PostgreSQL chooses it
}

// concurrentIndex reads CREATE [UNIQUE] INDEX CONCURRENTLY [IF NOT EXISTS]
// [name] ON [ONLY] table, of which the splitter gives the words.
func concurrentIndex(w files.Words) (t IndexTarget, ok bool) {
	rest := w
	for _, want := range []string{"CREATE", "UNIQUE?", "INDEX", "CONCURRENTLY", "IF?", "NOT?", "EXISTS?"} {
		word, optional := strings.CutSuffix(want, "?")
		switch {
		case rest.At(0) == word:
			rest = rest[1:]
		case !optional:
			return t, false
		}
	}
	if rest.At(0) != "ON" {
		name := pgtext.Name(rest.At(0))
		t.Index, rest = &name, rest[min(1, len(rest)):]
	}
	if rest.At(0) != "ON" {
		return t, false
	}
	rest = rest[1:]
	if rest.At(0) == "ONLY" {
		rest = rest[1:]
	}
	t.Table = rest.At(0)
	for rest.At(1) == "." {
		t.Table += "." + rest.At(2)
		rest = rest[2:]
	}
	return t, t.Table != ""
}

// sameIndex reports whether a CREATE INDEX statement makes what PostgreSQL shows
// as a definition. Where the two spell the same thing differently (a cast, a
// default written out) it says no.
func sameIndex(statement, definition string) bool {
	return essence(statement) == essence(definition)
}

// essence is what an index is on: whether it is unique, its method, and all
// from the first parenthesis on, without blanks and parentheses, of which
// PostgreSQL shows more than people write.
func essence(createIndex string) string {
	head, tail, _ := strings.Cut(createIndex, "(")
	unique, method := "", "BTREE"
	for i, words := 0, strings.Fields(strings.ToUpper(head)); i < len(words); i++ {
		switch {
		case words[i] == "UNIQUE":
			unique = "UNIQUE "
		case words[i] == "USING" && i+1 < len(words):
			method = words[i+1]
		}
	}
	tail = strings.NewReplacer("(", "", ")", "", ";", "").Replace(tail)
	return unique + method + " " + strings.Join(strings.Fields(tail), "")
}
