package proof

import (
	"maps"
	"slices"
	"strings"
)

// rebuilt judges objects that a file drops and creates anew, at its end: what
// they were granted before is gone unless the file grants it again.
func (j *judge) rebuilt(before, after map[string]rights) {
	for _, name := range slices.Sorted(maps.Keys(before)) {
		was, is := before[name], after[name]
		m := j.created[name]
		if m == nil || is.oid == 0 || is.oid == was.oid {
			continue
		}
		var lost []string
		for _, g := range was.grants {
			if !slices.Contains(is.grants, g) && !strings.HasPrefix(g, was.owner+"=") {
				lost = append(lost, "grant "+g)
			}
		}
		if is.owner != was.owner {
			lost = append(lost, "owner "+was.owner)
		}
		if was.comment != "" && is.comment == "" {
			lost = append(lost, "comment")
		}
		if len(lost) > 0 {
			_, short, _ := strings.Cut(name, " ")
			j.add(m, "grants-lost", about{name: short, what: name + " is made anew, without its " + strings.Join(lost, ", ")})
		}
	}
}

// notesCreated remembers which statement made what.
func (j *judge) notesCreated(m *moment) {
	for _, c := range m.Changes {
		if c.Action == "created" {
			j.created[c.Kind+" "+c.Name] = m
		}
	}
}
