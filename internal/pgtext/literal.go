package pgtext

import (
	"strings"

	"github.com/lib/pq"
)

// Literal writes a string as SQL: pq.QuoteLiteral without the blank that it puts
// before E”.
func Literal(s string) string { return strings.TrimLeft(pq.QuoteLiteral(s), " ") }

// DollarTag is a dollar quote, named after a word, that does not occur in the text.
func DollarTag(word, text string) string {
	for strings.Contains(text, "$"+word+"$") {
		word += "_"
	}
	return "$" + word + "$"
}

// DollarQuote is the text as a string in dollar quotes. Its line end keeps a $ at
// the text's end apart from the quote.
func DollarQuote(word, text string) string {
	tag := DollarTag(word, text)
	return tag + text + "\n" + tag
}
