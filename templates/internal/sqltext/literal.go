package sqltext

import (
	"strings"

	"rung/internal/lazyre"
	"rung/internal/pgtext"
)

// KeyFormat is how messages show a key of so many parts.
func KeyFormat(parts int) string {
	return "(" + strings.TrimSuffix(strings.Repeat("%s, ", parts), ", ") + ")"
}

func OrElse(value, usual string) string {
	if value == "" {
		return usual
	}
	return value
}

// EnumValue writes a value as SQL, on one line whatever it holds.
func EnumValue(l string) string {
	if !strings.ContainsAny(l, "\n\r\t") {
		return pgtext.Literal(l)
	}
	return "E'" + strings.NewReplacer(`\`, `\\`, "'", "''", "\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(l) + "'"
}

// QuoteElements writes strings as elements of an array literal.
func QuoteElements(values []string) []string {
	out := make([]string, len(values))
	for i, l := range values {
		out[i] = ArrayElement(l)
	}
	return out
}

func ArrayElement(l string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(l) + `"`
}

// Plain is a word that needs no quotes in an array's text or in a definition.
var Plain = lazyre.New(`^[a-z_][a-z0-9_$]*$`)

// Number is what needs no quotes.
var Number = lazyre.New(`^-?[0-9]+(\.[0-9]+)?$`)

var Control = lazyre.New(`[\x00-\x1f\x7f]`)

// Cast is "::type", or nothing for a type that is not known.
func Cast(typ string) string {
	if typ == "" {
		return ""
	}
	return "::" + typ
}

// TextArray writes keys as the literal of a text[]. There null alone is no text.
func TextArray(keys []string) string {
	return pgtext.Literal("{" + Join(keys, func(k string) string {
		if Plain.MatchString(k) && k != "null" {
			return k
		}
		return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(k) + `"`
	}) + "}")
}
