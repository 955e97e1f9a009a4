package secret

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Literals puts an asterisk in the place of each character of SQL's constants,
// and returns what they were: strings, dollar-quoted ones with what they quote
// themselves, and numbers. Text and lines keep their lengths.
func Literals(sql string) (masked string, values []string) {
	var b strings.Builder
	for i := 0; i < len(sql); {
		content, end, kind := token(sql, i)
		if kind == isText {
			b.WriteString(sql[i:end])
			i = end
			continue
		}
		value := sql[content : end-kind.closes(sql, content, end)]
		b.WriteString(sql[i:content] + strings.Map(asterisk, value) + sql[content+len(value):end])
		values = append(values, kind.values(value)...)
		i = end
	}
	values = slices.DeleteFunc(values, func(v string) bool { return strings.TrimSpace(v) == "" })
	slices.SortFunc(values, func(a, b string) int { return len(b) - len(a) })
	return b.String(), slices.Compact(values)
}

// Values puts an asterisk in the place of each character of these values in a
// text. A short one is only looked for where it is quoted, or all of it.
func Values(text string, values []string) string {
	for _, v := range values {
		hidden := strings.Map(asterisk, v)
		if utf8.RuneCountInString(v) >= 4 || text == v {
			text = strings.ReplaceAll(text, v, hidden)
			continue
		}
		for _, q := range []string{`""`, `''`, "()", "“”", "»«", "«»", "„“"} {
			open, size := utf8.DecodeRuneInString(q)
			text = strings.ReplaceAll(text, string(open)+v+q[size:], string(open)+hidden+q[size:])
		}
	}
	return text
}

// tokenKind is what a piece of SQL is to Literals.
type tokenKind int

const (
	isText tokenKind = iota // no constant: a word, a comment, a quoted name
	isString
	isDollar
	isNumber
)

// token is the piece of SQL at i: where its content begins, and its end.
func token(sql string, i int) (content, end int, kind tokenKind) {
	rest := sql[i:]
	switch c := rest[0]; {
	case strings.HasPrefix(rest, "--"):
		return i, i + until(rest, "\n", 0), isText
	case strings.HasPrefix(rest, "/*"):
		return i, i + until(rest[2:], "*/", 2) + 2, isText
	case c == '"':
		return i, i + 1 + until(rest[1:], `"`, 1), isText
	case c == '\'':
		return i + 1, i + stringEnd(rest, i > 0 && (sql[i-1] == 'e' || sql[i-1] == 'E')), isString
	case c == '$':
		if tag := dollarTag(rest); tag != "" {
			return i + len(tag), i + len(tag) + until(rest[len(tag):], tag, len(tag)), isDollar
		}
		return i, i + 1 + run(rest[1:], digit), isText // a parameter
	case digit(rune(c)):
		return i, i + run(rest, func(c rune) bool { return digit(c) || c == '.' }), isNumber
	}
	if n := run(rest, wordRune); n > 0 {
		return i, i + n, isText
	}
	_, size := utf8.DecodeRuneInString(rest)
	return i, i + size, isText
}

// closes is the length of what ends a constant; none where the text was cut off.
func (k tokenKind) closes(sql string, content, end int) int {
	switch {
	case k == isString && end > content && sql[end-1] == '\'':
		return 1
	case k == isDollar:
		open := strings.LastIndexByte(sql[:content-1], '$')
		if tag := sql[open:content]; strings.HasSuffix(sql[content:end], tag) {
			return len(tag)
		}
	}
	return 0
}

// values are what a constant's text stands for.
func (k tokenKind) values(text string) []string {
	switch k {
	case isString:
		return []string{text, strings.ReplaceAll(text, "''", "'")}
	case isDollar:
		_, inner := Literals(text)
		return append(inner, text)
	}
	return []string{text}
}

// until is the length of a text up to and with what ends it.
func until(text, end string, size int) int {
	if n := strings.Index(text, end); n >= 0 {
		return n + size
	}
	return len(text)
}

// stringEnd is the length of a string constant at the start of a text.
func stringEnd(text string, escapes bool) int {
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] == '\\' && escapes:
			i++
		case text[i] == '\'' && strings.HasPrefix(text[i+1:], "'"):
			i++
		case text[i] == '\'':
			return i + 1
		}
	}
	return len(text)
}

// dollarTag is the $tag$ at the start of a text, or "".
func dollarTag(text string) string {
	n := 1 + run(text[1:], wordRune)
	if n < len(text) && text[n] == '$' && !(n > 1 && digit(rune(text[1]))) {
		return text[:n+1]
	}
	return ""
}

func run(text string, of func(rune) bool) int {
	for i, c := range text {
		if !of(c) {
			return i
		}
	}
	return len(text)
}

func digit(c rune) bool { return c >= '0' && c <= '9' }

func wordRune(c rune) bool { return c == '_' || unicode.IsLetter(c) || unicode.IsDigit(c) }
