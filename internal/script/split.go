package script

import (
	"encoding/hex"
	"io"
)

// Split reads one SQL file to its end. What is wrong with the file is in
// File.Problems; the error is only that of a failed Read.
//
// The text of the statements is held in memory, the data of COPY is not.
func Split(r io.Reader) (*File, error) {
	s := newSplitter(r)
	defer s.src.release()
	s.run()
	if s.src.err != io.EOF {
		return nil, s.src.err
	}
	return s.file, nil
}

func (s *splitter) run() {
	for s.step() {
	}
	s.end()
}

// step takes one token, comment or run of blanks; false at the end of the file.
func (s *splitter) step() bool {
	if !s.has(0) {
		return false
	}
	switch c := s.b[s.pos]; {
	case class[c]&blank != 0:
		s.skip(blank)
	case s.atComment():
		s.comment()
	case c == '\\':
		s.backslash()
	case s.atConflict(c):
		s.conflict()
	case c == ';' && s.cur.first < 0:
		s.pos++ // an empty statement is part of the gap
	case c == ';' && s.cur.depth == 0 && !s.cur.body.open:
		s.pos++
		s.finish(s.pos, true)
	default:
		from := s.pos
		s.took(s.token(c), from)
	}
	return true
}

// comment moves on past a comment of either kind.
func (s *splitter) comment() {
	from := s.pos
	if s.b[from] == '-' {
		s.skipUntil(endOfLine)
		s.lineDirective(from, s.pos)
		return
	}
	s.blockComment()
	s.blockDirective(from, s.pos)
}

// took adds the token that ends at pos to the statement.
func (s *splitter) took(k kind, from int) {
	c := &s.cur
	if c.first < 0 {
		c.first = from
		c.pos = s.posAt(from)
	}
	c.last = s.pos
	text := s.b[from:s.pos]
	s.unseen(k, text, from)
	switch k {
	case open:
		if c.depth++; c.depth == 1 {
			c.opened = from
			s.addWord(k, text)
		}
	case shut:
		if c.depth--; c.depth <= 0 {
			c.depth = 0 // as psql: a ) too many is the server's to refuse
			s.addWord(k, text)
		}
	default:
		c.params |= param(text)
		if c.depth == 0 {
			s.addWord(k, text)
			c.body.took(c.words, k, text, from)
		}
		c.copy.took(k, text)
	}
}

// finish ends the statement at b[end].
func (s *splitter) finish(end int, terminated bool) {
	c := &s.cur
	s.placeInsiders(end)
	st := Statement{
		Lead:       c.first,
		Pos:        c.pos,
		Start:      s.start,
		Words:      s.names.taken(c.words),
		Terminated: terminated,
		Params:     c.params,
		Directives: c.directives,
	}
	copyIn := s.isCopyIn(terminated)
	if copyIn {
		end = s.endOfCopyLine(end)
	}
	st.Text = string(s.b[:end])
	s.pos = end
	s.forget()
	if copyIn {
		st.Data = s.copyData(st.Pos)
	}
	s.file.Statements = append(s.file.Statements, st)
}

// placeInsiders settles where the directives after the first token stand: a
// last statement without a semicolon ends before those of the tail.
func (s *splitter) placeInsiders(end int) {
	for _, in := range s.cur.inside {
		d := &s.file.Directives[in.directive]
		if d.Inside = in.at < end; !d.Inside {
			d.Statement = len(s.file.Statements) + 1
		}
	}
}

// end closes the last statement and the file.
func (s *splitter) end() {
	f := s.file
	if c := &s.cur; c.first >= 0 {
		switch {
		case s.cutOff:
		case c.depth > 0:
			s.problem(c.opened, "the ( that opens here is never closed", "close it with )")
		case c.body.open:
			s.problem(c.body.at, "the BEGIN ATOMIC here has no END", "close it with END after the last `;` of the body")
		}
		s.finish(c.last, false)
	}
	f.Tail = string(s.b)
	if s.src.check.hopeless() {
		s.wrong = problems{} // of the part that was read
	} else {
		s.src.check.close()
	}
	f.NotText = len(s.src.check.found.list) > 0
	f.Problems = append(s.src.check.found.all(), s.wrong.all()...)
	sortProblems(f.Problems)
	f.Size = s.src.base + int64(len(s.b))
	f.Checksum = hex.EncodeToString(s.src.sum.Sum(nil))
}

// addWord adds a token outside of parentheses to the statement's Words.
func (s *splitter) addWord(k kind, text []byte) {
	c := &s.cur
	if len(c.words) == MaxWords {
		return
	}
	var w string
	switch k {
	case word:
		w = s.names.upper(text)
	case literal:
		w = "'"
	default:
		w = s.names.keep(text)
	}
	c.words = append(c.words, w)
}
