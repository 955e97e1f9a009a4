// Package secret hides the passwords in a text that is to be shown.
package secret

import (
	"strings"

	"rung/internal/lazyre"
)

// inSQL is the keyword in SQL and what may stand between it and the password.
const inSQL = `(?is)(\bpassword(?:\s|/\*.*?\*/|--[^\n]*\n)+`

// The second group of each expression is the password. A text may have been cut in
// the middle of one.

// inURL is where a password stands in a URL, also in a malformed one.
var inURL = lazyre.New(`(://[^\s:/?#@]*:)(\S+)(@)`)

// named is where a password stands behind that word: in key=value pairs and
// parameters, and in SQL.
var named = []*lazyre.Regexp{
	lazyre.New(`(?i)(\w*password\s*=\s*)('(?:[^'\\]|\\.)*'?|[^\s&'"]+)()`),
	lazyre.New(inSQL + `''+)([^'\s][^']*)('|\z)`), // in a string that EXECUTE takes
	lazyre.New(inSQL + `(?:u&)?')((?:[^']|'')*)('|\z)`),
	lazyre.New(inSQL + `e')((?:[^'\\]|\\.|'')*)('|\z)`),
	lazyre.New(inSQL + `\$(?:[a-z_]\w*)?\$)(.*?)(\$(?:[a-z_]\w*)?\$|\z)`),
	lazyre.New(`(?i)(\bpassword')([^'\s]+)(')`), // with blanks it is prose: the password's
}

// placeholder is how rung's own hints write an address.
const placeholder = "://user:password@"

// noScheme is an address whose scheme was forgotten.
var noScheme = lazyre.New(`([^\s:/@]+:)(\S+)(@)`)

// Mask puts an asterisk in the place of each character of a password. The text
// keeps its length and its lines, so that a caret under it still points right.
func Mask(text string) string {
	if strings.Contains(text, "://") {
		text = masked(inURL, text)
	}
	if hasWord(text) {
		for _, re := range named {
			text = masked(re, text)
		}
	}
	return text
}

// hasWord reports whether a text speaks of a password at all: few do, and to compile
// the expressions takes longer than to read them.
func hasWord(text string) bool { return strings.Contains(strings.ToLower(text), "password") }

// MaskWords is Mask for a text with words of the command line in it: there
// u:p@host is an address too.
func MaskWords(text string) string { return masked(noScheme, Mask(text)) }

func masked(re *lazyre.Regexp, text string) string {
	return re.ReplaceAllStringFunc(text, func(m string) string {
		if m == placeholder {
			return m
		}
		p := re.FindStringSubmatch(m)
		return p[1] + strings.Map(asterisk, p[2]) + p[3]
	})
}

func asterisk(c rune) rune {
	if c == '\n' {
		return c
	}
	return '*'
}
