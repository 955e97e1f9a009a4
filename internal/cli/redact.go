package cli

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// secrets are the places where a password stands in a text: in a URL (also a
// malformed one), in key=value pairs and parameters, and in SQL. The second
// group of each is the password.
var secrets = []*regexp.Regexp{
	regexp.MustCompile(`(://[^\s:/?#@]*:)(\S+)(@)`),
	regexp.MustCompile(`(?i)(\w*password\s*=\s*)('(?:[^'\\]|\\.)*'?|[^\s&'"]+)()`),
	regexp.MustCompile(`(?i)(\bpassword\s+e?')((?:[^']|'')*)(')`),
}

// noScheme is an address whose scheme was forgotten.
var noScheme = regexp.MustCompile(`([^\s:/@]+:)(\S+)(@)`)

// redactWord is redact for a text with words of the command line in it: there
// u:p@host is an address too.
func redactWord(s string) string { return masked(noScheme, redact(s)) }

// redact puts an asterisk in the place of each character of a password. The
// text keeps its length, so that a caret under it still points right.
func redact(s string) string {
	for _, re := range secrets {
		s = masked(re, s)
	}
	return s
}

func masked(re *regexp.Regexp, s string) string {
	return re.ReplaceAllStringFunc(s, func(m string) string {
		p := re.FindStringSubmatch(m)
		return p[1] + strings.Repeat("*", utf8.RuneCountInString(p[2])) + p[3]
	})
}
