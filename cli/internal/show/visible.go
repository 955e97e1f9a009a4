// Package show is how text leaves rung: escaped, with its passwords hidden, coloured
// and cut to the terminal's width; and how numbers and times are written.
package show

import (
	"fmt"
	"reflect"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text that is shown may come from anybody: a server, a file's name, another
// session's query. A control character in it could move the cursor, a
// bidirectional one turn the line around, and a line break forge a line of
// rung's own. So all of it passes escape, as one line unless it is of several
// by its nature. The text on its way out passes it once more, in Guarded, where
// only rung's own line breaks are left as they are.

// Visible is a text that shows on one line.
func Visible(s string) string { return Escape(s, "") }

// visibleLines is a text of several lines, which it keeps, and its tabs.
func visibleLines(s string) string { return Escape(s, "\n\t") }

// Escape writes out what is not seen, or does what is not seen, save for the
// characters that are kept. A text without any is handed back as it is, and so
// is one that was escaped before.
func Escape(s, keep string) string {
	if strings.IndexFunc(s, unseen) < 0 && utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for i, c := range s {
		switch {
		case c == utf8.RuneError && !strings.HasPrefix(s[i:], string(utf8.RuneError)):
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case !unseen(c) || strings.ContainsRune(keep, c):
			b.WriteRune(c)
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\r':
			b.WriteString(`\r`)
		case c == '\t':
			b.WriteString(`\t`)
		case c < 0x100:
			fmt.Fprintf(&b, `\x%02x`, c)
		case c < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, c)
		default:
			fmt.Fprintf(&b, `\U%08x`, c)
		}
	}
	return b.String()
}

// unseen reports whether a character moves the cursor, ends a line, or has no
// width and is not needed to write a language: all formatting characters but
// the two joiners.
func unseen(c rune) bool {
	const nonJoiner, joiner = '\u200c', '\u200d'
	return unicode.In(c, unicode.Cc, unicode.Zl, unicode.Zp) || unicode.Is(unicode.Cf, c) && c != nonJoiner && c != joiner
}

// Lines is an argument of text that has several lines.
type Lines string

// Text is fmt.Sprintf for what is shown: the format is rung's own, and what is
// put into it is not.
func Text(format string, args ...any) string {
	safe := make([]any, len(args))
	for i, arg := range args {
		safe[i] = shown(arg)
	}
	return fmt.Sprintf(format, safe...)
}

func shown(arg any) any {
	switch arg := arg.(type) {
	case nil:
		return nil
	case Lines:
		return visibleLines(string(arg))
	case error:
		return Visible(arg.Error())
	case fmt.Stringer:
		return Visible(arg.String())
	}
	if v := reflect.ValueOf(arg); v.Kind() == reflect.String {
		return Visible(v.String())
	}
	return arg
}
