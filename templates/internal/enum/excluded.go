package enum

import (
	"fmt"
	"slices"
	"strings"

	"rung/templates/internal/dependents"
	"rung/templates/internal/mistake"
	"rung/templates/internal/sqltext"
	"rung/templates/internal/task"
)

// stillOut are those values of a piece that it must keep out after the change
// too. One that goes, or joins another that is let in, is kept out by its
// absence.
func (c *Change) stillOut(p dependents.Piece) (places []int) {
	for _, at := range p.KeepsOut {
		to, ok := c.To[c.Old[at]]
		joins := func(other int) bool { return c.To[c.Old[other]] == to }
		all := true
		for other := range c.Old {
			all = all && (!joins(other) || slices.Contains(p.KeepsOut, other))
		}
		if ok && all {
			places = append(places, at)
		}
	}
	return places
}

// madeAfter is what makes a piece again after the change.
func (s *swap) madeAfter(p dependents.Piece) []string {
	still := s.stillOut(p)
	switch {
	case len(still) == len(p.KeepsOut):
		return p.Make
	case len(still) == 0:
		return nil
	}
	head, _, _ := strings.Cut(p.Make[0], " <> ")
	values := sqltext.JoinBy(still, ", ", func(at int) string { return "'" + s.k.Marks[at] + "'::" + s.Enum.Full })
	again := head + " <> ALL (ARRAY[" + values + "]))"
	if strings.HasSuffix(p.Make[0], " NOT VALID") {
		again += " NOT VALID"
	}
	return append([]string{again}, p.Make[1:]...)
}

// warnOfMerges says which definitions have a value that becomes one with
// another which they do not have: they come to mean both.
func (s *swap) warnOfMerges(in *task.Input, more ...dependents.Piece) {
	for _, p := range slices.Concat(s.k.Pieces, more) {
		text := strings.Join(p.Make, "\n")
		named := func(i int) bool { return strings.Contains(text, s.k.Marks[i]) }
		for i, l := range s.Old {
			for j, other := range s.Old {
				to, ok := s.To[l]
				if ok && to == s.To[other] && named(i) && !named(j) && len(p.KeepsOut) == 0 {
					in.Sayf("%s has %s and not %s, and comes to mean both: check that it should", p.What, sqltext.EnumValue(l), sqltext.EnumValue(other))
				}
			}
		}
	}
}

// mustLetIn refuses what keeps out a value that goes, where it would come to
// keep out another one.
func (c *Change) mustLetIn(pieces []dependents.Piece) error {
	for _, p := range pieces {
		if len(c.stillOut(p)) < len(p.KeepsOut) {
			return mistake.New(fmt.Sprintf("%s excludes values that are removed, and would then exclude what they become", p.What), "drop it in a migration before")
		}
	}
	return nil
}
