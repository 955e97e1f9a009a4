package templates

import (
	"fmt"
	"regexp"
	"strings"
	"text/template"

	"github.com/lib/pq"
)

// functions are what a template's body may call.
var functions = template.FuncMap{
	"ident":   Ident,
	"literal": Literal,
	"idents":  func(names []string) string { return join(names, Ident) },
	"fields": func(of string, names []string) string {
		return join(names, func(c string) string { return of + "." + Ident(c) })
	},
	"list":   func(values []string) string { return join(values, Literal) },
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

// number is what needs no quotes.
var number = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)

var plain = regexp.MustCompile(`^[a-z_][a-z0-9_$]*$`)

// Ident writes a name as SQL, in quotes only where it needs them.
func Ident(name string) string {
	if plain.MatchString(name) && !keywords[name] {
		return name
	}
	return pq.QuoteIdentifier(name)
}

// Literal writes a string as SQL.
func Literal(s string) string { return strings.TrimLeft(pq.QuoteLiteral(s), " ") }

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

// keywords are those that cannot be a bare column or type name: reserved, or
// reserved but for functions and types (appendix C of PostgreSQL's
// documentation; src/include/parser/kwlist.h). Those that cannot be a bare
// function or type name are among them, since a name may stand anywhere.
var keywords = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(`all analyse analyze and any array as asc asymmetric authorization between bigint binary
		bit boolean both case cast char character check coalesce collate collation column concurrently constraint create cross
		current_catalog current_date current_role current_schema current_time current_timestamp current_user dec decimal default
		deferrable desc distinct do else end except exists extract false fetch float for foreign freeze from full grant greatest
		group grouping having ilike in initially inner inout int integer intersect interval into is isnull join json json_array
		json_arrayagg json_exists json_object json_objectagg json_query json_scalar json_serialize json_table json_value lateral
		leading least left like limit localtime localtimestamp merge_action national natural nchar none normalize not notnull
		null nullif numeric offset on only or order out outer overlaps overlay placing position precision primary real references
		returning right row select session_user setof similar smallint some substring symmetric system_user table tablesample
		then time timestamp to trailing treat trim true union unique user using values varchar variadic verbose when where
		window with xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize
		xmltable`) {
		m[w] = true
	}
	return m
}()
