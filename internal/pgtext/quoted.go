package pgtext

import (
	"strings"

	"rung/internal/script"
)

// CutOutsideQuotes is strings.Cut for a separator that begins in no quotes and not
// within a comment.
func CutOutsideQuotes(s, separator string) (before, after string, found bool) {
	for t := range script.Tokens(s) {
		if i := beginsIn(s, separator, t); i >= 0 {
			return s[:i], s[i+len(separator):], true
		}
	}
	return s, "", false
}

// beginsIn is where a separator begins in a token that is not quoted, or -1. It
// may be the start of a comment.
func beginsIn(s, separator string, t script.Token) int {
	end := t.To
	switch {
	case isQuoted(t.Kind):
		return -1
	case t.Kind == script.Comment:
		end = t.From + 1
	}
	for i := t.From; i < end; i++ {
		if strings.HasPrefix(s[i:], separator) {
			return i
		}
	}
	return -1
}

// SplitOutsideQuotes is strings.Split for a separator that stands in no quotes.
func SplitOutsideQuotes(s, separator string) (parts []string) {
	for more := true; more; {
		var part string
		part, s, more = CutOutsideQuotes(s, separator)
		parts = append(parts, part)
	}
	return parts
}

// ChangeOutsideQuotes changes what stands in no quotes, comments among it.
func ChangeOutsideQuotes(s string, change func(string) string) string {
	return changeOutside(s, change, func(quoted string) string { return quoted })
}

// ChangeOutsideLiterals is ChangeOutsideQuotes, and sees in dollar quotes the body
// of a function, with quotes of its own.
func ChangeOutsideLiterals(s string, change func(string) string) string {
	return changeOutside(s, change, func(quoted string) string {
		tag := quoted[:strings.IndexByte(quoted[1:], '$')+2]
		body, closed := strings.CutSuffix(quoted[len(tag):], tag)
		out := change(tag) + ChangeOutsideLiterals(body, change)
		if closed {
			out += change(tag)
		}
		return out
	})
}

func changeOutside(s string, change, inDollars func(string) string) string {
	var b strings.Builder
	from := 0
	for t := range script.Tokens(s) {
		if !isQuoted(t.Kind) {
			continue
		}
		quoted := s[t.From:t.To]
		if t.Kind == script.Dollar {
			quoted = inDollars(quoted)
		}
		b.WriteString(change(s[from:t.From]) + quoted)
		from = t.To
	}
	return b.String() + change(s[from:])
}

func isQuoted(k script.Kind) bool {
	return k == script.Quoted || k == script.Literal || k == script.Dollar
}
