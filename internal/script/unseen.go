package script

import (
	"fmt"
	"unicode/utf8"
)

// What a person does not see, or does not mean to leave in a file. To
// PostgreSQL a no-break space is a letter of an identifier, as all that is not
// ASCII (ident_start in scan.l): the statement then says something else than
// it shows.

// invisible names the characters that are not seen, or that show what follows
// them in another order than it is read.
func invisible(r rune) string {
	switch {
	case r == 0xa0 || r == 0x202f:
		return "a no-break space"
	case r == 0x1680 || r >= 0x2000 && r <= 0x200a || r == 0x205f || r == 0x3000:
		return "a space that is not SQL's"
	case r == 0x85 || r == 0x2028 || r == 0x2029:
		return "a line break that is not SQL's"
	case r == 0x61c || r == 0x200e || r == 0x200f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069:
		return "a bidirectional control"
	case r == 0xad || r == 0x34f || r == 0x180e || r >= 0x200b && r <= 0x200d || r >= 0x2060 && r <= 0x2064 || r == 0xfeff:
		return "an invisible character"
	case r >= 0x80 && r < 0xa0:
		return "a control character"
	}
	return ""
}

// unseen reports such characters in a token. In quotes they are data.
func (s *splitter) unseen(k kind, text []byte, from int) {
	if k == literal || k == quoted {
		return
	}
	for i := 0; i < len(text); {
		if text[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, n := utf8.DecodeRune(text[i:])
		if what := invisible(r); what != "" {
			s.problem(from+i, fmt.Sprintf("%s (U+%04X) outside of quotes", what, r), "replace it by a plain blank, or take it out; a name that has it stands in double quotes")
		}
		i += n
	}
}

// atConflict reports whether a line of a merge conflict starts at pos,
// with c. None of them means anything in SQL.
func (s *splitter) atConflict(c byte) bool {
	const signs = 7
	if c != '<' && c != '=' && c != '>' && c != '|' || !s.startsLine(s.pos) {
		return false
	}
	for i := 1; i < signs; i++ {
		if s.peek(i) != c {
			return false
		}
	}
	next := s.peek(signs)
	return next == 0 || next == ' ' || next == '\n'
}

// conflict passes over the line: what follows the signs is a branch's name.
func (s *splitter) conflict() {
	from := s.pos
	s.skipUntil(endOfLine)
	s.problem(from, fmt.Sprintf("a merge conflict: `%s`", brief(s.b[from:s.pos])), "resolve it: keep one of the two sides, or both, without this line")
	if s.cur.first >= 0 {
		s.cur.last = s.pos
	}
}
