package script

import (
	"bytes"
	"fmt"
	"strings"
)

const directiveStart = "-- rung:"

// lineDirective looks at the comment b[from:to]. Whatever comes close to a
// directive without being one is a problem: a typo that PostgreSQL takes for a
// comment would silently run the file without it.
func (s *splitter) lineDirective(from, to int) {
	comment := s.b[from:to]
	wanted, ok := directiveLike(comment[2:])
	if !ok {
		return
	}
	exact := strings.HasPrefix(string(comment), directiveStart+wanted)
	switch {
	case wanted == "":
		s.problem(from, "a directive without a name", "write "+directiveStart+"NAME, or reword the comment")
	case !exact:
		s.problem(from, fmt.Sprintf("`%s` is not a directive", brief(comment)), fmt.Sprintf("did you mean `%s%s`?", directiveStart, brief([]byte(wanted))))
	case !s.firstOnLine(from):
		s.problem(from, "a directive behind something else on its line", "give it a line of its own")
	default:
		s.directive(from, wanted)
	}
}

func (s *splitter) directive(from int, wanted string) {
	name, args := wanted, ""
	if i := strings.IndexAny(wanted, " \t\f\v"); i >= 0 {
		name, args = wanted[:i], strings.TrimSpace(wanted[i:])
	}
	index := len(s.file.Directives)
	s.file.Directives = append(s.file.Directives, Directive{
		Name:      name,
		Args:      args,
		Pos:       s.posAt(from),
		Statement: len(s.file.Statements),
	})
	if s.cur.first < 0 {
		s.cur.directives = append(s.cur.directives, index)
	} else {
		s.cur.inside = append(s.cur.inside, insider{index, from})
	}
}

// blockDirective looks for a directive that was put in a block comment.
func (s *splitter) blockDirective(from, to int) {
	if wanted, ok := directiveLike(s.b[from+2 : to]); ok {
		wanted, _, _ = strings.Cut(strings.TrimRight(wanted, "*/ \t"), "\n")
		s.problem(from, "a directive in a block comment", fmt.Sprintf("write it as a line of its own: `%s%s`", directiveStart, brief([]byte(wanted))))
	}
}

// directiveLike reports whether the inside of a comment was meant to be a
// directive, and which: "rung", in any case, and a colon, with blanks or
// dashes in unlucky places.
func directiveLike(inside []byte) (wanted string, ok bool) {
	const name = "rung"
	inside = bytes.TrimLeft(inside, "-* \t\f\v")
	if len(inside) < len(name) || !bytes.EqualFold(inside[:len(name)], []byte(name)) {
		return "", false
	}
	inside = bytes.TrimLeft(inside[len(name):], " \t\f\v")
	if len(inside) == 0 || inside[0] != ':' {
		return "", false
	}
	return string(bytes.TrimSpace(inside[1:])), true
}

// firstOnLine reports whether only blanks stand before b[i] on its line.
func (s *splitter) firstOnLine(i int) bool {
	for i--; i >= 0; i-- {
		if s.b[i] == '\n' {
			return true
		}
		if class[s.b[i]]&blank == 0 {
			return false
		}
	}
	return s.start.Col == 1
}
