package templates

import (
	"fmt"
	"strings"

	"rung/internal/pgtext"
)

// How parameters are given: as text, or by --params as lists and maps. What a list or
// a map becomes is what a person would have typed.

// valueLists are lists of enum values, in which a quoted one may hold anything, maps
// those of pairs, and sqlLists are lists as SQL has them.
var (
	valueLists = []string{"values", "new", "add", "remove"}
	valueMaps  = []string{"map", "rename"}
	sqlLists   = []string{"columns", "to", "on", "include", "key", "keys"}
)

// Several reports whether a parameter that is given several times is all of them
// together: it is a list or a map.
func Several(name string) bool {
	return has(valueLists, name) || has(valueMaps, name) || has(sqlLists, name) && name != "to"
}

// Join puts a parameter's parts together.
func Join(_, before, after string) string {
	if strings.TrimSpace(before) == "" {
		return after
	}
	return before + "," + after
}

// List is a parameter that was given as a list.
func List(name string, items []string) (string, error) {
	switch {
	case has(valueLists, name):
		return joinBy(items, ",", listItem), nil
	case has(sqlLists, name):
		return strings.Join(items, ", "), nil
	case has(valueMaps, name):
		return "", fmt.Errorf("%s is a map, and no list", name)
	}
	return "", fmt.Errorf("%s is one value, and no list", name)
}

// Map is a parameter that was given as a map.
func Map(name string, pairs [][2]string) (string, error) {
	if !has(valueMaps, name) {
		return "", fmt.Errorf("%s is no map", name)
	}
	return joinBy(pairs, ",", func(p [2]string) string { return mapLabel(p[0]) + "=" + mapLabel(p[1]) }), nil
}

// listItem writes a value as splitList reads it.
func listItem(value string) string {
	if got, err := splitList(value); err == nil && len(got) == 1 && got[0] == value {
		return value
	}
	return pgtext.Literal(value)
}
