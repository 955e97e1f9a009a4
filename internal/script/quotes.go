package script

import (
	"bytes"
	"fmt"
)

const (
	openString = "the string that starts here is never closed"
	closeQuote = "close it with '"
)

// str moves on past a string without backslash escapes, which stands after a
// prefix of so many bytes, and past its continuations.
func (l *lexer) str(prefix int) {
	from := l.pos
	for l.pos += prefix + 1; ; l.pos++ {
		if !l.skipPast('\'') {
			l.unclosed(from, openString, closeQuote)
			return
		}
		if l.peek(0) != '\'' && !l.continues() {
			return
		}
	}
}

// escapedStr moves on past an E'…' string, in which a backslash takes the next
// byte with it ({xeescape} in scan.l; of \101 and \u0041 the rest is harmless).
func (l *lexer) escapedStr(prefix int) {
	from := l.pos
	for l.pos += prefix + 1; l.has(0); l.pos++ {
		switch l.b[l.pos] {
		case '\\':
			l.pos++
		case '\'':
			l.pos++
			if l.peek(0) != '\'' && !l.continues() {
				return
			}
		}
	}
	l.pos = len(l.b)
	l.unclosed(from, openString, closeQuote+` (in an E'' string \' is a quote, not its end)`)
}

// continues reports whether the string that ends at pos goes on in a segment
// of the same kind further down, and moves on to that segment's quote:
// {quotecontinue} in scan.l. There must be a newline between, and there may be
// blanks and -- comments, but no others.
//
// psql itself does not see it (it looks at a line at a time) and so takes the
// backslashes in the second segment of an E'…' string for ordinary ones. The
// server, which counts, does.
func (l *lexer) continues() bool {
	back := l.pos
	newline := false
	for l.has(0) {
		switch c := l.b[l.pos]; {
		case class[c]&endOfLine != 0:
			newline = true
			l.pos++
		case class[c]&blank != 0:
			l.pos++
		case c == '-' && l.peek(1) == '-':
			l.skipUntil(endOfLine)
		case c == '\'' && newline:
			return true
		default:
			l.pos = back
			return false
		}
	}
	l.pos = back
	return false
}

// identifier moves on past a quoted identifier after a prefix of so many bytes.
func (l *lexer) identifier(prefix int) {
	from := l.pos
	for l.pos += prefix + 1; ; l.pos++ {
		if !l.skipPast('"') {
			l.unclosed(from, "the quoted identifier that starts here is never closed", `close it with "`)
			return
		}
		if l.peek(0) != '"' {
			return
		}
	}
}

// dollar moves on past what a $ starts: a parameter, a dollar quote
// ({dolqdelim} in scan.l), or nothing but itself.
func (l *lexer) dollar() kind {
	from := l.pos
	l.pos++
	if class[l.peek(0)]&digit != 0 {
		l.skip(digit)
		l.junk()
		return other
	}
	l.skip(tagCont)
	if l.peek(0) != '$' {
		l.pos = from + 1 // {dolqfailed}
		return other
	}
	l.pos++
	l.dollarBody(from)
	return literal
}

// dollarBody moves on past the end of the dollar quote whose delimiter runs
// from there to pos.
func (l *lexer) dollarBody(from int) {
	delim := bytes.Clone(l.b[from:l.pos])
	for {
		if i := bytes.Index(l.b[l.pos:], delim); i >= 0 {
			l.pos += i + len(delim)
			return
		}
		// Its start may be the last that has been read.
		l.pos = max(l.pos, len(l.b)-len(delim)+1)
		if !l.more() {
			break
		}
	}
	l.pos = len(l.b)
	l.unclosed(from, fmt.Sprintf("the %s quote that starts here is never closed", brief(delim)), "close it with "+brief(delim))
}

// brief shortens what a message quotes.
func brief(b []byte) string {
	const most = 40
	runes := []rune(string(b[:min(len(b), 4*most)]))
	if len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return string(runes)
}
