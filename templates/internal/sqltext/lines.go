package sqltext

import (
	"fmt"
	"strings"
	"unicode"

	"rung/internal/pgtext"
)

// Size is a number of bytes for a person.
func Size(bytes int64) string {
	unit := []string{"bytes", "kB", "MB", "GB", "TB"}
	n := float64(bytes)
	for len(unit) > 1 && n >= 1024 {
		n, unit = n/1024, unit[1:]
	}
	return fmt.Sprintf("%.0f %s", n, unit[0])
}

// Cased puts a CASE in parentheses.
func Cased(text string) string {
	if strings.HasPrefix(text, "CASE ") {
		return "(" + text + ")"
	}
	return text
}

// IndentBy moves all lines but the first.
func IndentBy(n int, text string) string {
	end := strings.HasSuffix(text, "\n")
	text = strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n"+strings.Repeat(" ", n))
	if end {
		text += "\n"
	}
	return text
}

// Statements ends each with a semicolon.
func Statements(all []string) string {
	var b strings.Builder
	for _, s := range all {
		s = strings.TrimRightFunc(s, unicode.IsSpace)
		b.WriteString(s + ";\n")
	}
	return b.String()
}

// Indent moves the lines after the first to the right, but for those that begin
// inside quotes.
func Indent(n int, s string) string {
	return pgtext.ChangeOutsideQuotes(strings.TrimSpace(s), func(s string) string {
		return strings.ReplaceAll(s, "\n", "\n"+strings.Repeat(" ", n))
	})
}

// Commented breaks a text into comment lines.
func Commented(text string) string {
	var b strings.Builder
	line := "--"
	for _, word := range strings.Fields(text) {
		if len([]rune(line))+1+len([]rune(word)) > 88 {
			b.WriteString(line + "\n")
			line = "--"
		}
		line += " " + word
	}
	return b.String() + line
}
