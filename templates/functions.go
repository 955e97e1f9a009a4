package templates

import (
	"fmt"
	"regexp"
	"strings"
	"text/template"

	"rung/internal/pgtext"
)

// functions are what a template's body may call.
var functions = template.FuncMap{
	"ident":   pgtext.Ident,
	"literal": pgtext.Literal,
	"idents":  func(names []string) string { return join(names, pgtext.Ident) },
	"fields": func(of string, names []string) string {
		return join(names, func(c string) string { return of + "." + pgtext.Ident(c) })
	},
	"list":   func(values []string) string { return join(values, pgtext.Literal) },
	"split":  splitList,
	"indent": indent,
}

func join(all []string, f func(string) string) string {
	out := make([]string, len(all))
	for i, s := range all {
		out[i] = f(s)
	}
	return strings.Join(out, ", ")
}

// plain is a word that needs no quotes in an array's text or in a definition.
var plain = regexp.MustCompile(`^[a-z_][a-z0-9_$]*$`)

// number is what needs no quotes.
var number = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)

// splitList reads a parameter that is a list: commas between, blanks around
// them do not count, and a value in quotes may hold anything (” is a quote).
// Double quotes at the ends of a value were meant as quotes, most likely.
func splitList(s string) ([]string, error) {
	var out []string
	var wrong error
	var b strings.Builder
	quoted, had := false, false
	end := func() {
		v := b.String()
		if !had {
			v = strings.TrimSpace(v)
			wrong = firstOf(wrong, noDoubleQuotes(v))
		}
		if v != "" || had {
			out = append(out, v)
		}
		b.Reset()
		had = false
	}
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\'' && quoted && i+1 < len(s) && s[i+1] == '\'':
			b.WriteByte(c)
			i++
		case c == '\'' && (quoted || strings.TrimSpace(b.String()) == ""):
			if quoted = !quoted; quoted {
				b.Reset()
				had = true
			}
		case c == ',' && !quoted:
			end()
		case had && !quoted && c == ' ':
		default:
			b.WriteByte(c)
		}
	}
	end()
	return out, wrong
}

// noDoubleQuotes refuses a word of a list that has them for quotes.
func noDoubleQuotes(word string) error {
	if strings.HasPrefix(word, `"`) || strings.HasSuffix(word, `"`) {
		return &Mistake{fmt.Sprintf("%s has double quotes, which do not quote in a list", word), "single quotes do: 'top, now', with '' for a quote; what begins or ends with a double quote stands in them too"}
	}
	return nil
}

var shellPlain = regexp.MustCompile(`^[\w./=,@%+-]+$`)

var control = regexp.MustCompile(`[\x00-\x1f\x7f]`)

// shellWord quotes a word as a shell takes it, on one line: control characters
// need the form $'…' of bash and zsh. Double quotes hold a single one without
// more ado, unless they hold what means something in them.
func shellWord(s string) string {
	if shellPlain.MatchString(s) {
		return s
	}
	if control.MatchString(s) {
		s = strings.NewReplacer(`\`, `\\`, "'", `\'`, "\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(s)
		return "$'" + control.ReplaceAllStringFunc(s, func(c string) string { return fmt.Sprintf(`\x%02x`, c[0]) }) + "'"
	}
	if strings.Contains(s, "'") && !strings.ContainsAny(s, "\"$`\\!") {
		return `"` + s + `"`
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
