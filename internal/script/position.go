package script

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"unicode/utf8"
)

// advance moves p over text. A broken byte counts as one character.
func (p *Pos) advance(text []byte) {
	if n := bytes.Count(text, []byte{'\n'}); n > 0 {
		p.Line += n
		p.Col = 1
		text = text[bytes.LastIndexByte(text, '\n')+1:]
	}
	p.Col += utf8.RuneCount(text)
}

func comparePos(a, b Pos) int {
	return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col))
}

// problems collects up to max problems and counts the rest: of a binary file
// given by mistake nobody wants a million lines.
type problems struct {
	max  int
	list []Problem
	more int
	last Pos
}

func (p *problems) add(at Pos, what, fix string) {
	p.last = at
	if p.full() {
		p.more++
		return
	}
	p.list = append(p.list, Problem{Pos: at, What: what, Fix: fix})
}

// full reports that what is added now is only counted, so that nobody need
// word it.
func (p *problems) full() bool { return len(p.list) == p.max }

// all returns the problems, with one that says how many were left out.
func (p *problems) all() []Problem {
	if p.more == 0 {
		return p.list
	}
	return append(p.list, Problem{
		Pos:  p.last,
		What: fmt.Sprintf("%d more problems of this kind, the last one here", p.more),
		Fix:  "fix the ones above first",
	})
}

func sortProblems(list []Problem) {
	slices.SortStableFunc(list, func(a, b Problem) int { return comparePos(a.Pos, b.Pos) })
}
