package script

import (
	"io"
	"iter"
)

// Kind is what sort of text a Token is.
type Kind int

// The kinds that matter to who reads a piece of SQL without running it.
const (
	Other   Kind = iota // a number, a parameter, an operator, punctuation
	Word                // a keyword or an identifier without quotes
	Quoted              // an identifier in double quotes
	Literal             // a string in single quotes, of any prefix
	Dollar              // a string in dollar quotes
	Comment             // of either form
	Blank               // white space
)

// Token is a piece of SQL: text[From:To].
type Token struct {
	Kind     Kind
	From, To int
}

// Tokens cuts a piece of SQL by PostgreSQL's rules (scan.l, with
// standard_conforming_strings on). Its tokens cover all of the text; a quote or
// comment that is never closed reaches to the end.
func Tokens(text string) iter.Seq[Token] {
	return func(yield func(Token) bool) {
		b := []byte(text)
		l := lexer{b: b, src: source{buf: b, err: io.EOF}}
		l.unclosed = func(int, string, string) { l.pos = len(b) }
		for l.pos < len(b) {
			from := l.pos
			if kind := l.piece(); !yield(Token{kind, from, l.pos}) {
				return
			}
		}
	}
}

// piece moves on past the token, comment or run of blanks at pos.
func (l *lexer) piece() Kind {
	switch c := l.b[l.pos]; {
	case class[c]&blank != 0:
		l.skip(blank)
		return Blank
	case l.atComment() && c == '-':
		l.skipUntil(endOfLine)
		return Comment
	case l.atComment():
		l.blockComment()
		return Comment
	default:
		return l.kindOf(c, l.token(c))
	}
}

// kindOf is the public kind of a token that began with c.
func (l *lexer) kindOf(c byte, k kind) Kind {
	switch {
	case k == word:
		return Word
	case k == quoted:
		return Quoted
	case k == literal && c == '$':
		return Dollar
	case k == literal:
		return Literal
	}
	return Other
}
