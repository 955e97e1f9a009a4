package dependents

import (
	"slices"
	"strings"

	"rung/templates/internal/mistake"
)

// MustKeepTexts refuses definitions with a text that does not survive in a
// file: templates end no line with a blank, and leave one empty line at most.
func (k *Snapshot) MustKeepTexts(more ...Piece) error {
	var found []string
	for _, p := range slices.Concat(k.Pieces, more) {
		if spoiled(strings.Join(p.Make, ";\n")) {
			found = append(found, p.What)
		}
	}
	if spoiled(strings.Join(k.TypeEnd, ";\n")) {
		found = append(found, "the type's comment")
	}
	if len(found) == 0 {
		return nil
	}
	return mistake.New(
		"a text of several lines, with blanks at a line's end or empty lines one after the other, would not come back as it was: "+strings.Join(found, ", "),
		"change these first",
	)
}

// spoiled reports whether a string or a name in SQL has a line that ends with a
// blank, or two empty lines.
func spoiled(sql string) bool {
	var quote byte
	for i := 0; i < len(sql); i++ {
		switch c := sql[i]; {
		case quote == 0 && (c == '\'' || c == '"'):
			quote = c
		case c == quote:
			quote = 0 // a doubled one opens again at once
		case quote != 0 && c == '\n' && (strings.ContainsRune(" \t", rune(sql[i-1])) || strings.HasPrefix(sql[i:], "\n\n\n")):
			return true
		}
	}
	return false
}
