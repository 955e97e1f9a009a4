package script

import "bytes"

// Classes of bytes, as src/backend/parser/scan.l names them.
const (
	blank      = 1 << iota // {space}, with the \v that 16 added
	endOfLine              // {newline}: a CR of its own ends a comment, too
	identStart             // {ident_start}: any non-ASCII byte is a letter
	identCont              // {ident_cont}, which holds the $
	tagCont                // {dolq_cont}, which does not
	digit
	opChar // {op_chars}
)

var class = func() (t [256]byte) {
	set := func(chars string, bits byte) {
		for i := range len(chars) {
			t[chars[i]] |= bits
		}
	}
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"
	set(" \t\n\r\f\v", blank)
	set("\n\r", endOfLine)
	set(letters, identStart|identCont|tagCont)
	set("0123456789", digit|identCont|tagCont)
	set("$", identCont)
	set("~!@#^&|`?+-*/%<>=", opChar)
	for c := 0x80; c < 0x100; c++ {
		t[c] |= identStart | identCont | tagCont
	}
	return t
}()

// kind is what sort of token the lexer has found.
type kind int

const (
	other   kind = iota // numbers, parameters, operators, punctuation
	word                // a keyword or bare identifier
	quoted              // "identifier"
	literal             // a string of any kind
	open                // (
	shut                // )
)

// lexer finds the ends of tokens in PostgreSQL's SQL. Its places are indexes
// into b, which holds the text from the end of the last statement on.
type lexer struct {
	src source
	b   []byte
	pos int // the next byte to look at
	// unclosed is told of a quote or comment that the file ends within.
	unclosed func(from int, what, fix string)
}

// more reads on; false at the end of the file.
func (l *lexer) more() bool {
	grown := l.src.more()
	l.b = l.src.held()
	return grown
}

// has reports whether there is a byte at pos+i, reading on if need be.
func (l *lexer) has(i int) bool {
	for l.pos+i >= len(l.b) {
		if !l.more() {
			return false
		}
	}
	return true
}

// peek is the byte at pos+i, or NUL, which means nothing in SQL, at the end.
func (l *lexer) peek(i int) byte {
	if !l.has(i) {
		return 0
	}
	return l.b[l.pos+i]
}

// skip moves on over bytes that are of one of the classes.
func (l *lexer) skip(classes byte) {
	for l.has(0) {
		for l.pos < len(l.b) {
			if class[l.b[l.pos]]&classes == 0 {
				return
			}
			l.pos++
		}
	}
}

// skipUntil moves on to a byte that is of one of the classes.
func (l *lexer) skipUntil(classes byte) {
	for l.has(0) {
		for l.pos < len(l.b) {
			if class[l.b[l.pos]]&classes != 0 {
				return
			}
			l.pos++
		}
	}
}

// skipPast moves on past the next c; false if the file ends before.
func (l *lexer) skipPast(c byte) bool {
	for l.has(0) {
		if i := bytes.IndexByte(l.b[l.pos:], c); i >= 0 {
			l.pos += i + 1
			return true
		}
		l.pos = len(l.b)
	}
	return false
}

// token moves on past the token that starts with c, at pos.
func (l *lexer) token(c byte) kind {
	switch {
	case class[c]&identStart != 0:
		return l.wordOrPrefix(c)
	case c == '\'':
		l.str(0)
		return literal
	case c == '"':
		l.identifier(0)
		return quoted
	case c == '$':
		return l.dollar()
	case class[c]&digit != 0, c == '.' && class[l.peek(1)]&digit != 0:
		l.number()
		return other
	case class[c]&opChar != 0:
		l.operator()
		return other
	}
	l.pos++
	switch {
	case c == '(':
		return open
	case c == ')':
		return shut
	case c == ':' && (l.peek(0) == ':' || l.peek(0) == '='), c == '.' && l.peek(0) == '.':
		l.pos++
	}
	return other
}

// wordOrPrefix tells an identifier from the letters before E'…', U&'…' and the like.
func (l *lexer) wordOrPrefix(c byte) kind {
	c |= 0x20
	next := l.peek(1)
	switch {
	case next == '\'' && c == 'e':
		l.escapedStr(1)
		return literal
	case next == '\'' && (c == 'b' || c == 'x' || c == 'n'):
		l.str(1)
		return literal
	case next == '&' && c == 'u' && l.peek(2) == '\'':
		l.str(2)
		return literal
	case next == '&' && c == 'u' && l.peek(2) == '"':
		l.identifier(2)
		return quoted
	}
	l.skip(identCont)
	return word
}

// number moves on past {integer}, {decimal} or {real}; of 1..10 it takes the 1.
// What identifier clings to it is trailing junk of the same token, so the E of
// 1E'…' starts no string, and the $ of 1e5$$ no quote ({integer_junk} and the
// like, in scan.l since 15; the server refuses them).
func (l *lexer) number() {
	l.skip(digit)
	if l.peek(0) == '.' && l.peek(1) != '.' {
		l.pos++
		l.skip(digit)
	}
	if e, sign := l.peek(0), l.peek(1); e|0x20 == 'e' && (sign == '+' || sign == '-') {
		l.pos += 2
		if class[l.peek(0)]&digit == 0 {
			return // {realfail}
		}
		l.skip(digit)
	}
	l.junk()
}

func (l *lexer) junk() {
	if class[l.peek(0)]&identStart != 0 {
		l.skip(identCont)
	}
}

// operator moves on to the end of the operator, or to a comment that starts
// within it ({operator} in scan.l; a + or - at its end may be one too many, as
// it makes no difference here).
func (l *lexer) operator() {
	for l.pos++; class[l.peek(0)]&opChar != 0; l.pos++ {
		if l.atComment() {
			return
		}
	}
}

// atComment reports whether a comment starts at pos.
func (l *lexer) atComment() bool {
	switch l.peek(0) {
	case '-':
		return l.peek(1) == '-'
	case '/':
		return l.peek(1) == '*'
	}
	return false
}

// blockComment moves on past a comment that starts at pos; they nest.
func (l *lexer) blockComment() {
	from := l.pos
	l.pos += 2
	for depth := 1; depth > 0; {
		if !l.has(0) {
			l.unclosed(from, "the comment that starts here is never closed", "close it with */ (a /* inside of it needs its own)")
			return
		}
		c := l.b[l.pos]
		l.pos++
		switch {
		case c == '/' && l.peek(0) == '*':
			depth++
			l.pos++
		case c == '*' && l.peek(0) == '/':
			depth--
			l.pos++
		}
	}
}
