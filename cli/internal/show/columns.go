package show

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// The help is laid out here for a terminal of 100 columns; urfave/cli's own
// templates break no lines.
const helpWidth = 100

// Table sets two columns, the second one wrapped.
func Table(rows [][2]string) string {
	width := 0
	for _, r := range rows {
		width = max(width, utf8.RuneCountInString(r[0]))
	}
	var b strings.Builder
	for _, r := range rows {
		text := Wrapped(strings.Repeat(" ", width+5), r[1])
		b.WriteString(fmt.Sprintf("   %-*s  ", width, r[0]) + strings.TrimLeft(text, " "))
	}
	return b.String()
}

// Wrapped breaks a text between words, each line behind the indent. A text
// that is indented itself stays as it is.
func Wrapped(indent, text string) string {
	if strings.HasPrefix(text, " ") {
		return indent + text + "\n"
	}
	var b strings.Builder
	room := 0
	for _, word := range strings.Fields(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case b.Len() == 0:
			b.WriteString(indent)
			room = helpWidth - utf8.RuneCountInString(indent)
		case n+1 > room:
			b.WriteString("\n" + indent)
			room = helpWidth - utf8.RuneCountInString(indent)
		default:
			b.WriteString(" ")
			room--
		}
		b.WriteString(word)
		room -= n
	}
	return b.String() + "\n"
}
