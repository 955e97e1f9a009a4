package script

import "strings"

// ApartFromPsql is a statement's text with a blank behind each colon that
// psql would take for the start of a variable: in a[1:HOST] it would put the
// server's name. Which variables it has set depends on its version and the
// user, and some cannot be unset. Blanks between tokens mean nothing to the
// server, and what is quoted psql leaves alone.
func ApartFromPsql(text string) string {
	if !strings.Contains(text, ":") {
		return text
	}
	s := newSplitter(nil)
	s.src.r = strings.NewReader(text) // its lines are folded already
	defer s.src.release()
	var b strings.Builder
	from := 0
	for s.has(0) {
		switch c := s.b[s.pos]; {
		case s.atComment():
			s.comment()
		default:
			at := s.pos
			s.token(c)
			// In a ::, psql sees the cast.
			if c == ':' && s.pos == at+1 && namesVariable(s.peek(0)) {
				b.WriteString(text[from:s.pos] + " ")
				from = s.pos
			}
		}
	}
	return b.String() + text[from:]
}

// namesVariable reports whether psql takes a colon before c for a variable
// ({variable_char} in psqlscan.l). Its digits are left out: a[1:2] is common,
// and psql sets no variable of such a name.
func namesVariable(c byte) bool {
	return class[c]&identStart != 0 || c == '\'' || c == '"'
}
