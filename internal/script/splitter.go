package script

import "io"

// splitter cuts what the lexer finds into statements, as psql does
// (src/fe_utils/psqlscan.l): at each semicolon that stands outside of
// parentheses and of the body of a routine.
type splitter struct {
	lexer
	file  *File
	wrong problems
	names words
	start Pos   // the place of b[0]
	mark  place // the last place that was asked for
	cur   statement
	// cutOff is true once a quote or comment has swallowed the end of the
	// file, and with it the ends of whatever else was open.
	cutOff bool
}

func newSplitter(r io.Reader) *splitter {
	s := &splitter{file: &File{}, wrong: problems{max: 100}, names: words{known: map[string]string{}}}
	s.src = newSource(r)
	s.unclosed = func(from int, what, fix string) {
		s.problem(from, what, fix)
		s.cutOff = true
	}
	s.startOver(Pos{1, 1})
	return s
}

// place is an index into b and what Pos that is.
type place struct {
	index int
	pos   Pos
}

// statement is the one that is being read.
type statement struct {
	first, last int // the first token's start and the last one's end; first is -1 before
	pos         Pos
	depth       int // of parentheses
	opened      int // where the outermost one opened
	words       []string
	body        body
	copy        copyOptions
	params      uint64 // the $n that it holds, a bit each
	directives  []int  // indexes in File.Directives
	inside      []insider
}

// insider is a directive among the tokens of a statement.
type insider struct{ directive, at int }

// startOver begins the next statement at b[0], whose place is at.
func (s *splitter) startOver(at Pos) {
	s.start = at
	s.mark = place{0, at}
	s.cur = statement{first: -1, words: s.names.list()}
}

// posAt is the place of b[i]. Asked for in order, as it nearly always is, it
// counts each byte once.
func (s *splitter) posAt(i int) Pos {
	if i < s.mark.index {
		s.mark = place{0, s.start}
	}
	s.mark.pos.advance(s.b[s.mark.index:i])
	s.mark.index = i
	return s.mark.pos
}

func (s *splitter) problem(at int, what, fix string) {
	s.wrong.add(s.posAt(at), what, fix)
}

// forget lets go of the text before pos and starts over there.
func (s *splitter) forget() {
	next := s.posAt(s.pos)
	s.src.drop(s.pos)
	s.b = s.src.held()
	s.pos = 0
	s.startOver(next)
}
