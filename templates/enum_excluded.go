package templates

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// What keeps a label out, as enum-retire leaves it behind, must not come to
// keep out the label that the other one becomes.

var keepsOut = regexp.MustCompile(`^CHECK \((?:[^ "']+|"[^"]+") <> (?:ALL \(ARRAY\[)?('.*)\)$`)

// keptOut are the labels, by place, that a CHECK (with marks) keeps out of a
// column, if it does nothing else.
func (k *capture) keptOut(e *Enum, def string) (labels []int) {
	found := keepsOut.FindStringSubmatch(strings.TrimSuffix(def, " NOT VALID"))
	if found == nil {
		return nil
	}
	for _, value := range strings.Split(strings.TrimSuffix(found[1], "])"), ", ") {
		at := slices.IndexFunc(k.marks, func(mark string) bool { return value == "'"+mark+"'::"+e.Full })
		if at < 0 {
			return nil
		}
		labels = append(labels, at)
	}
	return labels
}

// stillOut are those labels of a piece that it must keep out after the change
// too. One that goes, or joins another that is let in, is kept out by its
// absence.
func (c *change) stillOut(p piece) (labels []int) {
	for _, at := range p.keepsOut {
		to, ok := c.To[c.Old[at]]
		joins := func(other int) bool { return c.To[c.Old[other]] == to }
		all := true
		for other := range c.Old {
			all = all && (!joins(other) || slices.Contains(p.keepsOut, other))
		}
		if ok && all {
			labels = append(labels, at)
		}
	}
	return labels
}

// madeAfter is what makes a piece again after the change.
func (s *swap) madeAfter(p piece) []string {
	still := s.stillOut(p)
	switch {
	case len(still) == len(p.keepsOut):
		return p.Make
	case len(still) == 0:
		return nil
	}
	head, _, _ := strings.Cut(p.Make[0], " <> ")
	values := joinBy(still, ", ", func(at int) string { return "'" + s.k.marks[at] + "'::" + s.Enum.Full })
	again := head + " <> ALL (ARRAY[" + values + "]))"
	if strings.HasSuffix(p.Make[0], " NOT VALID") {
		again += " NOT VALID"
	}
	return append([]string{again}, p.Make[1:]...)
}

// warnOfMerges says which definitions have a label that becomes one with
// another which they do not have: they come to mean both.
func (s *swap) warnOfMerges(in *Input, more ...piece) {
	for _, p := range slices.Concat(s.k.pieces, more) {
		text := strings.Join(p.Make, "\n")
		named := func(i int) bool { return strings.Contains(text, s.k.marks[i]) }
		for i, l := range s.Old {
			for j, other := range s.Old {
				to, ok := s.To[l]
				if ok && to == s.To[other] && named(i) && !named(j) && len(p.keepsOut) == 0 {
					in.Sayf("%s has %s and not %s, and comes to mean both: see to it", p.What, labelSQL(l), labelSQL(other))
				}
			}
		}
	}
}

// mustLetIn refuses what keeps out a label that goes, where it would come to
// keep out another one.
func (c *change) mustLetIn(pieces []piece) error {
	for _, p := range pieces {
		if len(c.stillOut(p)) < len(p.keepsOut) {
			return &Mistake{fmt.Sprintf("%s excludes values that are removed, and would then exclude what they become", p.What), "drop it in a migration before"}
		}
	}
	return nil
}
