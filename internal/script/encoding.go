package script

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// encoding checks the whole file, COPY data included, for what PostgreSQL
// accepts from a client that speaks UTF-8: no broken sequence and no NUL
// (pg_verifymbstr in src/common/wchar.c).
type encoding struct {
	at    Pos    // the place of the next character
	carry []byte // the start of a character that goes on in the next chunk
	found problems
	wrong int // how many bytes came since the first of the problems
}

// patience is how far on a file is read in which something was found that is
// no UTF-8: as far as a person goes on to look at more of it.
const patience = 1 << 20

// hopeless reports that the rest of the file need not be read: it is no text.
func (e *encoding) hopeless() bool { return e.wrong > patience }

func newEncoding() encoding {
	return encoding{at: Pos{1, 1}, carry: make([]byte, 0, 2*utf8.UTFMax), found: problems{max: 20}}
}

func (e *encoding) write(p []byte) {
	if len(e.found.list) > 0 {
		e.wrong += len(p)
	}
	for len(e.carry) > 0 && len(p) > 0 {
		e.carry = append(e.carry, p[0])
		p = p[1:]
		if utf8.FullRune(e.carry) {
			e.carry = append(e.carry[:0], e.whole(e.carry)...)
		}
	}
	e.carry = append(e.carry, e.whole(p)...)
}

// close reports a character that the end of the file cuts off.
func (e *encoding) close() {
	e.each(e.carry)
	e.carry = e.carry[:0]
}

// whole checks all whole characters of p and returns the rest.
func (e *encoding) whole(p []byte) (rest []byte) {
	n := len(p) - cutOff(p)
	if utf8.Valid(p[:n]) && bytes.IndexByte(p[:n], 0) < 0 {
		e.at.advance(p[:n])
	} else {
		e.each(p[:n])
	}
	return p[n:]
}

// each is the slow way, for a chunk in which something is wrong.
func (e *encoding) each(p []byte) {
	for len(p) > 0 {
		r, n := utf8.DecodeRune(p)
		if r == 0 || r == utf8.RuneError && n == 1 {
			e.report(p[0])
		}
		e.at.advance(p[:n])
		p = p[n:]
	}
}

// report notes one problem a line: a file in Latin-1 has many.
func (e *encoding) report(b byte) {
	if e.found.last.Line == e.at.Line {
		return
	}
	what, fix := "a NUL byte", "remove it; PostgreSQL's text cannot hold one (is the file UTF-16, or no text at all? save it as UTF-8)"
	if b != 0 && !e.found.full() {
		what, fix = fmt.Sprintf("byte 0x%02x is not valid UTF-8", b), "save the file as UTF-8"
		if len(e.found.list) == 0 {
			fix += "; where it has `SET client_encoding`, as pg_dump's do, write 'UTF8' there"
		}
		if e.at == (Pos{1, 1}) && b >= 0xfe {
			fix = "the file looks like UTF-16; save it as UTF-8"
		}
	}
	e.found.add(e.at, what, fix)
}

// cutOff is the number of bytes of a character that p ends within.
func cutOff(p []byte) int {
	for i := 1; i < utf8.UTFMax && i <= len(p); i++ {
		if tail := p[len(p)-i:]; utf8.RuneStart(tail[0]) {
			if !utf8.FullRune(tail) {
				return i
			}
			break
		}
	}
	return 0
}
