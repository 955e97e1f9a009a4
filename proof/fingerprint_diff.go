package proof

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// difference is one way in which a schema is not what it was.
type difference struct {
	// what names it: "index public.t_s", "default of public.t.s", "value 'paid' of public.st".
	what string
	// object is the key of what it belongs to.
	object   string
	sort     differenceSort
	old, new string // definitions, "" where there is none
	// space is true where only white space of a function's body differs.
	space bool
}

type differenceSort int

const (
	lost    differenceSort = iota // it was there, and is not, or no longer so
	left                          // it was not there, and is
	changed                       // it was there otherwise
	moved                         // a column at another place
)

// compareFingerprints lists what differs, in order of kind and name. What goes
// with an object that is lost or left as a whole is not listed beside it.
func compareFingerprints(was, is fingerprint) []difference {
	var all []difference
	for _, key := range slices.Sorted(maps.Keys(was)) {
		o, found := is[key]
		switch {
		case !found && within(was, is, was[key]):
		case !found:
			all = append(all, difference{what: key, object: key, sort: lost, old: shownDefinition(was[key])})
		case o.definition != was[key].definition:
			all = append(all, compareProperties(key, was[key], o)...)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(is)) {
		if _, found := was[key]; !found && !within(is, was, is[key]) {
			all = append(all, difference{what: key, object: key, sort: left, new: shownDefinition(is[key])})
		}
	}
	return append(all, columnOrders(was, is)...)
}

// within reports whether an object's parent is on one side only, as it is itself.
func within(here, there fingerprint, o object) bool {
	if o.parent == "" {
		return false
	}
	_, isHere := here[o.parent]
	_, isThere := there[o.parent]
	return isHere && !isThere
}

// compareProperties tells two definitions of one object apart.
func compareProperties(key string, was, is object) (all []difference) {
	old, current := properties(was), properties(is)
	names := maps.Clone(old)
	maps.Copy(names, current)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		o, hadOne := old[name]
		n, hasOne := current[name]
		if name == "position" || string(o) == string(n) {
			continue // places of columns are compared beside each other
		}
		if name == "values" {
			all = append(all, compareValues(key, was.name, o, n)...)
			continue
		}
		d := difference{what: propertyName(name, was), object: key, sort: changed, old: shown(o), new: shown(n)}
		switch {
		case !hasOne:
			d.sort = lost
		case !hadOne:
			d.sort = left
		}
		d.space = name == "body" && sameWords(d.old, d.new)
		all = append(all, d)
	}
	return all
}

// propertyName names a property for a person.
func propertyName(name string, o object) string {
	switch {
	case o.kind == "comment":
		return o.key()
	case name == "definition" || name == "aggregate" || name == "text":
		return "definition of " + o.key()
	case o.kind == "column" || o.kind == "function" || o.kind == "procedure":
		return name + " of " + o.name
	}
	return name + " of " + o.key()
}

// compareValues compares the values of an enum, each by itself.
func compareValues(key, name string, was, is json.RawMessage) (all []difference) {
	old, current := list(was), list(is)
	for _, value := range old {
		if !slices.Contains(current, value) {
			all = append(all, difference{what: fmt.Sprintf("value '%s' of %s", value, name), object: key, sort: lost, old: shown(was), new: shown(is)})
		}
	}
	for _, value := range current {
		if !slices.Contains(old, value) {
			all = append(all, difference{what: fmt.Sprintf("value '%s' of %s", value, name), object: key, sort: left, old: shown(was), new: shown(is)})
		}
	}
	if len(all) == 0 {
		all = append(all, difference{what: "order of the values of " + name, object: key, sort: changed, old: shown(was), new: shown(is)})
	}
	return all
}

// columnOrders compares the places of the columns that both sides have.
func columnOrders(was, is fingerprint) (all []difference) {
	old, current := columnPlaces(was), columnPlaces(is)
	for _, table := range slices.Sorted(maps.Keys(old)) {
		if current[table] == nil {
			continue
		}
		before, after := common(old[table], current[table]), common(current[table], old[table])
		if slices.Equal(before, after) {
			continue
		}
		var moves []string
		for _, column := range before {
			if slices.Index(after, column) > slices.Index(before, column) {
				moves = append(moves, fmt.Sprintf("%s from %d to %d", column, old[table][column], current[table][column]))
			}
		}
		all = append(all, difference{
			what: nameOf(table) + ": " + strings.Join(moves, ", "), object: table, sort: moved,
			old: strings.Join(before, ", "), new: strings.Join(after, ", "),
		})
	}
	return all
}

// columnPlaces are the places of the columns of each table.
func columnPlaces(f fingerprint) map[string]map[string]int {
	all := map[string]map[string]int{}
	for _, o := range f {
		if o.kind != "column" || strings.HasPrefix(o.parent, "view ") || strings.HasPrefix(o.parent, "materialized view ") {
			continue // a view's are in its definition
		}
		if all[o.parent] == nil {
			all[o.parent] = map[string]int{}
		}
		var place struct{ Position int }
		_ = json.Unmarshal([]byte(o.definition), &place) // the server wrote it
		all[o.parent][strings.TrimPrefix(o.name, nameOf(o.parent)+".")] = place.Position
	}
	return all
}

// nameOf is a relation's key without its kind.
func nameOf(key string) string {
	for _, kind := range []string{"foreign table ", "table ", "type "} {
		if name, ok := strings.CutPrefix(key, kind); ok {
			return name
		}
	}
	return key
}

// common are the columns of a that b has too, by their place in a.
func common(a, b map[string]int) []string {
	var names []string
	for name := range a {
		if _, ok := b[name]; ok {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(x, y string) int { return a[x] - a[y] })
	return names
}

func properties(o object) map[string]json.RawMessage {
	var all map[string]json.RawMessage
	_ = json.Unmarshal([]byte(o.definition), &all) // the server wrote it
	return all
}

func list(text json.RawMessage) (all []string) {
	_ = json.Unmarshal(text, &all) // the server wrote it
	return all
}

// shown is a property's value for a person: a text without its quotes.
func shown(value json.RawMessage) string {
	var text string
	if json.Unmarshal(value, &text) == nil {
		return text
	}
	return string(value)
}

// shownDefinition is an object's definition for a person: where there is a text
// of SQL, that; else its properties.
func shownDefinition(o object) string {
	all := properties(o)
	delete(all, "position")
	for _, name := range []string{"definition", "text"} {
		if value, ok := all[name]; ok {
			return strings.ReplaceAll(shown(value), "…", shown(all["body"]))
		}
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		parts = append(parts, name+" "+shown(all[name]))
	}
	return strings.Join(parts, ", ")
}

func sameWords(a, b string) bool {
	return slices.Equal(strings.Fields(a), strings.Fields(b))
}
