package proof

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// rowDifference says how the rows of a table are not what they were.
type rowDifference struct {
	rows  int64  // how many; 0 where that was not counted
	of    int64  // how many there were
	first string // the first of them: "id 7: note was "keep me", is null"
}

// compareRows compares the rows of a table, without some columns. It returns
// nil where they are the same.
func compareRows(was, is *contents, without []string) *rowDifference {
	if was.equal(is) {
		return nil
	}
	if was.sum != "" || is.sum != "" {
		if was.count == is.count && len(without) > 0 {
			return nil // the sums are of all columns
		}
		d := &rowDifference{of: was.count}
		if was.count != is.count {
			d.first = fmt.Sprintf("there were %d rows, there are %d", was.count, is.count)
		}
		return d
	}
	old, current := project(was.rows, without), project(is.rows, without)
	if slices.Equal(old, current) {
		return nil
	}
	if len(was.key) > 0 && slices.Equal(was.key, is.key) && !slices.ContainsFunc(was.key, func(k string) bool { return slices.Contains(without, k) }) {
		return compareByKey(was.key, old, current)
	}
	return compareAsSets(old, current)
}

// project takes columns out of rows.
func project(rows, without []string) []string {
	if len(without) == 0 {
		return rows
	}
	out := make([]string, len(rows))
	for i, row := range rows {
		columns := columnsOf(row)
		for _, name := range without {
			delete(columns, name)
		}
		text, err := json.Marshal(columns) // in order of their names
		if err != nil {
			panic(err) // they came out of JSON
		}
		out[i] = string(text)
	}
	slices.Sort(out)
	return out
}

func columnsOf(row string) map[string]json.RawMessage {
	var columns map[string]json.RawMessage
	_ = json.Unmarshal([]byte(row), &columns) // the server wrote it
	return columns
}

// compareByKey pairs rows by the primary key.
func compareByKey(key, was, is []string) *rowDifference {
	old, current := byKey(key, was), byKey(key, is)
	keys := maps.Clone(old)
	maps.Copy(keys, current)
	d := &rowDifference{of: int64(len(was))}
	for _, k := range slices.SortedFunc(maps.Keys(keys), compareKeys) {
		o, n := old[k], current[k]
		if o == n {
			continue
		}
		if d.rows++; d.rows == 1 {
			d.first = rowChange(key, k, o, n)
		}
	}
	return d
}

func byKey(key, rows []string) map[string]string {
	all := make(map[string]string, len(rows))
	for _, row := range rows {
		columns := columnsOf(row)
		var parts []string
		for _, name := range key {
			parts = append(parts, string(columns[name]))
		}
		all[strings.Join(parts, ", ")] = row
	}
	return all
}

// compareKeys orders keys as numbers, where they are some.
func compareKeys(a, b string) int {
	x, errX := strconv.ParseFloat(a, 64)
	y, errY := strconv.ParseFloat(b, 64)
	switch {
	case errX != nil || errY != nil:
		return strings.Compare(a, b)
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

// rowChange says of one row what is not as it was.
func rowChange(key []string, value, was, is string) string {
	row := strings.Join(key, ", ") + " " + value
	switch {
	case is == "":
		return row + " is gone: " + brief(was)
	case was == "":
		return row + " was not there: " + brief(is)
	}
	old, current := columnsOf(was), columnsOf(is)
	names := maps.Clone(old)
	maps.Copy(names, current)
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if !bytes.Equal(old[name], current[name]) {
			parts = append(parts, fmt.Sprintf("%s was %s, is %s", name, brief(string(old[name])), brief(string(current[name]))))
		}
	}
	return row + ": " + strings.Join(parts, "; ")
}

// compareAsSets compares rows that have no key.
func compareAsSets(was, is []string) *rowDifference {
	gone, came := without(was, is), without(is, was)
	d := &rowDifference{rows: int64(max(len(gone), len(came))), of: int64(len(was))}
	if len(gone) > 0 {
		d.first = "gone is " + brief(gone[0])
	}
	if len(came) > 0 {
		d.first = strings.TrimPrefix(d.first+"; new is "+brief(came[0]), "; ")
	}
	return d
}

// without are the rows of a that b does not have as often; both are sorted.
func without(a, b []string) (all []string) {
	for i, j := 0, 0; i < len(a); i++ {
		for j < len(b) && b[j] < a[i] {
			j++
		}
		if j < len(b) && b[j] == a[i] {
			j++
			continue
		}
		all = append(all, a[i])
	}
	return all
}

// brief shortens a value for a message.
func brief(text string) string {
	const most = 80
	if text == "" {
		return "nothing"
	}
	if r := []rune(text); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return text
}

// differingColumns are the columns of a table whose values, in any order, are
// not the same on both sides.
func differingColumns(a, b *contents) (names []string) {
	old, current := valuesOf(a.rows), valuesOf(b.rows)
	for name, values := range old {
		if !slices.Equal(values, current[name]) {
			names = append(names, name)
		}
	}
	return names
}

func valuesOf(rows []string) map[string][]string {
	all := map[string][]string{}
	for _, row := range rows {
		for name, value := range columnsOf(row) {
			all[name] = append(all[name], string(value))
		}
	}
	for _, values := range all {
		slices.Sort(values)
	}
	return all
}
