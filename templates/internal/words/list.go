package words

import (
	"fmt"
	"strings"

	"rung/internal/pgtext"
	"rung/templates/internal/mistake"
)

// SplitList reads a parameter that is a list: commas between, blanks around
// them do not count, and a value in quotes may hold anything (” is a quote).
// Double quotes at the ends of a value were meant as quotes, most likely.
func SplitList(s string) ([]string, error) {
	var out []string
	var wrong error
	var b strings.Builder
	quoted, had := false, false
	end := func() {
		v := b.String()
		if !had {
			v = strings.TrimSpace(v)
			wrong = mistake.FirstOf(wrong, noDoubleQuotes(v))
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
		return mistake.New(fmt.Sprintf("%s has double quotes, which do not quote in a list", word), "single quotes do: 'top, now', with '' for a quote; what begins or ends with a double quote stands in them too")
	}
	return nil
}

// ListItem writes a value as splitList reads it.
func ListItem(value string) string {
	if got, err := SplitList(value); err == nil && len(got) == 1 && got[0] == value {
		return value
	}
	return pgtext.Literal(value)
}
