package importer

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"rung/internal/lazyre"
	"rung/runner"
)

// slots are the places in which a tool puts a value in when it runs a file.
type slots struct {
	tool string
	// at finds one; its first group that is not empty is the name.
	at *lazyre.Regexp
	// otherwise finds what has no such name: a refusal, by the fix. Defaults to nothing.
	otherwise *lazyre.Regexp
	fix       string
	// value is what is put in for a slot that was given v. Defaults to v.
	value func(slot, v string) string
}

// fill is line i of a source with the values that the request gives; a slot without
// one is refused at its place.
func (r *reader) fill(s *source, i int, by slots) string {
	var b strings.Builder
	text, end := s.lines[i], 0
	if by.otherwise != nil && by.otherwise.MatchString(by.at.ReplaceAllString(text, "")) {
		r.refuse(s.path, i+1, by.tool+" puts a value in here", by.fix)
		return text
	}
	for _, m := range by.at.FindAllStringSubmatchIndex(text, -1) {
		name, from, to := firstGroup(text, m)
		r.names[name] = true
		value, given := r.values[name]
		if !given {
			p := problem(r.shown(s.path), i+1, by.tool+" puts a value in for "+text[from:to], "give the value of production: --set "+name+"=VALUE")
			p.Col = utf8.RuneCountInString(text[:from]) + 1
			r.problems = append(r.problems, p)
		}
		if by.value != nil {
			value = by.value(text[from:to], value)
		}
		b.WriteString(text[end:from] + value)
		end = to
	}
	b.WriteString(text[end:])
	return b.String()
}

// firstGroup is the name in a match, and where the slot begins and ends: the groups are
// the slot, then ways to write its name.
func firstGroup(text string, m []int) (name string, from, to int) {
	for g := 4; g < len(m); g += 2 {
		if m[g] >= 0 {
			name = text[m[g]:m[g+1]]
			break
		}
	}
	return name, m[2], m[3]
}

// mustUse refuses a value that no file has a slot for.
func (r *reader) mustUse() error {
	for _, name := range slices.Sorted(maps.Keys(r.values)) {
		if !r.names[name] {
			hint := "none of them has a place for a value"
			if known := slices.Sorted(maps.Keys(r.names)); len(known) > 0 {
				hint = "they have places for " + strings.Join(known, ", ")
			}
			return &runner.RefusalError{Reason: fmt.Sprintf("--set %s: no file of %s has a place for a value of that name", name, r.label), Hint: hint}
		}
	}
	return nil
}
