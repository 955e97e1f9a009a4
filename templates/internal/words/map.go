package words

import (
	"fmt"
	"strings"

	"rung/internal/pgtext"
	"rung/templates/internal/mistake"
	"rung/templates/internal/sqltext"
)

// Pair is one renaming.
type Pair struct{ From, To string }

func Turned(steps []Pair) []Pair {
	back := make([]Pair, len(steps))
	for i, s := range steps {
		back[len(steps)-1-i] = Pair{s.To, s.From}
	}
	return back
}

// SplitMap reads a parameter that maps values: from=to, commas between. A
// value in quotes may hold anything (” is a quote).
func SplitMap(s string) ([]Pair, error) {
	var pairs []Pair
	rest := strings.TrimSpace(s)
	for rest != "" {
		var p Pair
		if err := noDoubleQuotesInMap(rest); err != nil {
			return nil, err
		}
		var ok bool
		if p.From, rest, ok = mapWord(rest, '='); !ok || !strings.HasPrefix(rest, "=") {
			return nil, mistake.New(fmt.Sprintf("map is not a list of from=to: %q", s), "write it like --set map=todo=pending,done=complete; quote a value that is empty or contains a comma or =: 'a=b'")
		}
		if p.To, rest, ok = mapWord(rest[1:], ','); !ok || rest != "" && rest[0] != ',' {
			return nil, mistake.New(fmt.Sprintf("map is not a list of from=to: %q", s), "close the quotes, and put a comma between the pairs; an empty value is written ''")
		}
		pairs = append(pairs, p)
		rest = strings.TrimSpace(strings.TrimPrefix(rest, ","))
	}
	return pairs, nil
}

// noDoubleQuotesInMap refuses a first pair that has double quotes for quotes.
func noDoubleQuotesInMap(rest string) error {
	for _, end := range []byte{'=', ','} {
		word, after, ok := mapWord(rest, end)
		if !ok {
			return nil // splitMap says what is wrong
		}
		if !strings.HasPrefix(strings.TrimLeft(rest, " "), "'") {
			if err := noDoubleQuotes(word); err != nil {
				return err
			}
		}
		rest = strings.TrimPrefix(after, "=")
	}
	return nil
}

// mapWord takes a value off the front of a text, up to a byte that ends it.
func mapWord(s string, end byte) (word, rest string, ok bool) {
	s = strings.TrimLeft(s, " ")
	if !strings.HasPrefix(s, "'") {
		at := strings.IndexByte(s, end)
		if at < 0 {
			at = len(s)
		}
		word = strings.TrimSpace(s[:at])
		return word, s[at:], word != "" // what is empty on purpose stands in quotes
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] != '\'':
			b.WriteByte(s[i])
		case i+1 < len(s) && s[i+1] == '\'':
			b.WriteByte('\'')
			i++
		default:
			return b.String(), strings.TrimLeft(s[i+1:], " "), true
		}
	}
	return "", "", false
}

// MapItem writes a value as splitMap reads it.
func MapItem(label string) string {
	if label == "" || strings.ContainsAny(label, ",=") || strings.HasPrefix(label, "'") || noDoubleQuotes(label) != nil || strings.TrimSpace(label) != label {
		return pgtext.Literal(label)
	}
	return label
}

func Tos(steps []Pair) []string { return Froms(Turned(steps)) }

// MapText writes pairs as splitMap reads them.
func MapText(pairs []Pair) string {
	return sqltext.JoinBy(pairs, ",", func(s Pair) string { return MapItem(s.From) + "=" + MapItem(s.To) })
}

func Froms(steps []Pair) []string {
	all := make([]string, len(steps))
	for i, s := range steps {
		all[i] = s.From
	}
	return all
}
