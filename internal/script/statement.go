package script

import "strings"

// Bare is the statement with a blank for each comment and run of blanks in it,
// and without the comments above it and the semicolon behind it.
func (st *Statement) Bare() string {
	s := newSplitter(nil)
	defer s.src.release()
	s.src.r = strings.NewReader(strings.TrimSuffix(st.Text[st.Lead:], ";"))
	var b strings.Builder
	for s.has(0) {
		from, c := s.pos, s.b[s.pos]
		switch {
		case class[c]&blank != 0:
			s.skip(blank)
		case s.atComment():
			s.comment()
		default:
			s.token(c)
			b.Write(s.b[from:s.pos])
			continue
		}
		if n := b.Len(); n > 0 && b.String()[n-1] != ' ' {
			b.WriteByte(' ')
		}
	}
	return strings.TrimSuffix(b.String(), " ")
}

// WordPos is the place of the statement's word n, counted from 0.
func (st *Statement) WordPos(n int) Pos {
	s := newSplitter(nil)
	defer s.src.release()
	s.src.r = strings.NewReader(st.Text[st.Lead:]) // its lines are folded already
	s.startOver(st.Pos)
	for last := 0; s.step(); last = s.pos {
		if len(s.file.Statements) > 0 {
			break
		}
		if len(s.cur.words) > n {
			return s.posAt(last)
		}
	}
	return st.Pos
}
