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

// redact puts an asterisk in the place of each character of a password. The
// text keeps its length, so that a caret under it still points right.
func redact(s string) string {
	for _, re := range secrets {
		s = re.ReplaceAllStringFunc(s, func(m string) string {
			p := re.FindStringSubmatch(m)
			return p[1] + strings.Repeat("*", utf8.RuneCountInString(p[2])) + p[3]
		})
	}
	return s
}
