package templates

import (
	"regexp"
	"strings"
	"sync"
)

var (
	// sqlQuotes is what SQL has in quotes, which no layout may change: strings,
	// with backslashes or without, and names.
	sqlQuotes = regexp.MustCompile(`(?s)^(?:[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*")`)
	// Classes of Unicode take a good part of rung's start to compile.
	sqlDollars = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^\$(?:[\pL_][\pL\pN_]*)?\$`) })
	// sqlPlain is taken whole, so that no quote is found in its middle: a word,
	// since a$$ is a name and type'x' has no backslashes, and a comment.
	sqlPlain = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?s)^(?:[\pL_][\pL\pN_$]*|--[^\n]*|/\*.*?\*/)`)
	})
)

// outsideQuotes changes what of SQL is in no quotes, comments among it.
func outsideQuotes(s string, change func(string) string) string {
	return changeParts(s, true, change)
}

// outsideLiterals is outsideQuotes, and sees in dollar quotes the body of a
// function, with quotes of its own.
func outsideLiterals(s string, change func(string) string) string {
	return changeParts(s, false, change)
}

func changeParts(s string, dollars bool, change func(string) string) string {
	var b strings.Builder
	from := 0
	for at := 0; at < len(s); {
		n, quoted := sqlToken(s[at:], dollars)
		if quoted {
			b.WriteString(change(s[from:at]) + s[at:at+n])
			from = at + n
		}
		at += n
	}
	return b.String() + change(s[from:])
}

// sqlToken is the length of what comes next, and whether it is in quotes.
func sqlToken(s string, dollars bool) (n int, quoted bool) {
	if m := sqlQuotes.FindString(s); m != "" {
		return len(m), true
	}
	if m := sqlDollars().FindString(s); m != "" && dollars {
		if end := strings.Index(s[len(m):], m); end >= 0 {
			return end + 2*len(m), true
		}
	}
	return max(1, len(sqlPlain().FindString(s))), false
}

// cutOutsideQuotes is strings.Cut for a separator that is in no quotes.
func cutOutsideQuotes(s, sep string) (before, after string) {
	for at := 0; at < len(s); {
		if strings.HasPrefix(s[at:], sep) {
			return s[:at], s[at+len(sep):]
		}
		n, _ := sqlToken(s[at:], true)
		at += n
	}
	return s, ""
}

// indent moves the lines after the first to the right, but for those that begin
// inside quotes.
func indent(n int, s string) string {
	return outsideQuotes(strings.TrimSpace(s), func(s string) string {
		return strings.ReplaceAll(s, "\n", "\n"+strings.Repeat(" ", n))
	})
}
