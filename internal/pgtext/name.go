// Package pgtext reads and writes the text of SQL: names, strings, quotes. It is
// the one home for PostgreSQL's rules about them; it knows no statements.
package pgtext

import (
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/lib/pq"

	"rung/internal/lazyre"
)

// maxName is the longest name in bytes: NAMEDATALEN - 1.
const maxName = 63

// plain is a name that needs no quotes, unless it is a keyword.
var plain = lazyre.New(`^[a-z_][a-z0-9_$]*$`)

// Ident writes a name as SQL, in double quotes only where it needs them.
func Ident(name string) string {
	if plain.MatchString(name) && !keywords[name] {
		return name
	}
	return pq.QuoteIdentifier(name)
}

// Role writes a role's name as SQL. PUBLIC is no keyword, and means everybody
// where a role stands (gram.y, RoleSpec).
func Role(name string) string {
	if name == "public" {
		return `"public"`
	}
	return Ident(name)
}

// Fold lowers ASCII letters alone, as the server does with a name that has no
// quotes in a UTF-8 database: ü and Ü are two names (scansup.c,
// downcase_identifier).
func Fold(s string) string {
	return strings.Map(func(c rune) rune {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		return c
	}, s)
}

// truncate cuts a name to maxName bytes, never within a character (scansup.c,
// truncate_identifier).
func truncate(name string) string {
	if len(name) <= maxName {
		return name
	}
	end := maxName
	for end > 0 && !utf8.RuneStart(name[end]) {
		end--
	}
	return name[:end]
}

// Name is the name that a word of SQL stands for: quotes undone, or else folded,
// and cut to the server's length.
func Name(word string) string {
	if q, ok := strings.CutPrefix(word, `"`); ok {
		word = strings.ReplaceAll(strings.TrimSuffix(q, `"`), `""`, `"`)
	} else {
		word = Fold(word)
	}
	return truncate(word)
}

// aName is an identifier, with quotes or without. To compile classes of Unicode
// takes a good part of rung's start, so it waits for its first use.
var aName = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:[\pL_][\pL\pM\pN_$]*|"(?:[^"]|"")+")$`)
})

// Names reads names with a separator between them, as in schema.table or
// (a, "B"). It reports false for what is no such list.
func Names(s, separator string) (names []string, ok bool) {
	for more := true; more; {
		var part string
		part, s, more = CutOutsideQuotes(s, separator)
		part = strings.TrimSpace(part)
		if !aName().MatchString(part) {
			return nil, false
		}
		names = append(names, Name(part))
	}
	return names, true
}
