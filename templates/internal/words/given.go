// Package words reads and writes what a person gives as parameters: lists, maps,
// names, the words of a shell.
package words

import (
	"fmt"
	"strings"

	"rung/templates/internal/sqltext"
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
	return sqltext.Has(valueLists, name) || sqltext.Has(valueMaps, name) || sqltext.Has(sqlLists, name) && name != "to"
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
	case sqltext.Has(valueLists, name):
		return sqltext.JoinBy(items, ",", ListItem), nil
	case sqltext.Has(sqlLists, name):
		return strings.Join(items, ", "), nil
	case sqltext.Has(valueMaps, name):
		return "", fmt.Errorf("%s is a map, and no list", name)
	}
	return "", fmt.Errorf("%s is one value, and no list", name)
}

// Map is a parameter that was given as a map.
func Map(name string, pairs [][2]string) (string, error) {
	if !sqltext.Has(valueMaps, name) {
		return "", fmt.Errorf("%s is no map", name)
	}
	return sqltext.JoinBy(pairs, ",", func(p [2]string) string { return MapItem(p[0]) + "=" + MapItem(p[1]) }), nil
}
