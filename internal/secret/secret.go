// Package secret hides the passwords in a text that is to be shown.
package secret

import (
	"regexp"
	"strings"
)

// inSQL is the keyword in SQL and what may stand between it and the password.
const inSQL = `(?is)(\bpassword(?:\s|/\*.*?\*/|--[^\n]*\n)+`

// places are where a password stands in a text: in a URL (also a malformed
// one), in key=value pairs and parameters, and in SQL. The second group of each
// is the password. A text may have been cut in the middle of one.
var places = []*regexp.Regexp{
	regexp.MustCompile(`(://[^\s:/?#@]*:)(\S+)(@)`),
	regexp.MustCompile(`(?i)(\w*password\s*=\s*)('(?:[^'\\]|\\.)*'?|[^\s&'"]+)()`),
	regexp.MustCompile(inSQL + `''+)([^'\s][^']*)('|\z)`), // in a string that EXECUTE takes
	regexp.MustCompile(inSQL + `(?:u&)?')((?:[^']|'')*)('|\z)`),
	regexp.MustCompile(inSQL + `e')((?:[^'\\]|\\.|'')*)('|\z)`),
	regexp.MustCompile(inSQL + `\$(?:[a-z_]\w*)?\$)(.*?)(\$(?:[a-z_]\w*)?\$|\z)`),
	regexp.MustCompile(`(?i)(\bpassword')([^'\s]+)(')`), // with blanks it is prose: the password's
}

// placeholder is how rung's own hints write an address.
const placeholder = "://user:password@"

// noScheme is an address whose scheme was forgotten.
var noScheme = regexp.MustCompile(`([^\s:/@]+:)(\S+)(@)`)

// Mask puts an asterisk in the place of each character of a password. The text
// keeps its length and its lines, so that a caret under it still points right.
func Mask(text string) string {
	for _, re := range places {
		text = masked(re, text)
	}
	return text
}

// MaskWords is Mask for a text with words of the command line in it: there
// u:p@host is an address too.
func MaskWords(text string) string { return masked(noScheme, Mask(text)) }

func masked(re *regexp.Regexp, text string) string {
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
