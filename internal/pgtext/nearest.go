package pgtext

import (
	"slices"
	"strings"
)

// Nearest is the known name that was meant, most likely, or "". A name that begins
// with what was typed comes first, then the one that fewest changes of a letter
// make of it, at most half of its letters and no more than most.
func Nearest(typed string, known []string, most int) string {
	best, least := "", most+1
	for _, name := range slices.Sorted(slices.Values(known)) {
		d := Distance(typed, name)
		if len(typed) > 1 && strings.HasPrefix(strings.ToLower(name), strings.ToLower(typed)) {
			d = 0
		}
		if d < least && d <= (1+len([]rune(typed)))/2 {
			best, least = name, d
		}
	}
	return best
}

// Distance is Levenshtein's: how many letters to add, drop or change. Upper and
// lower case are alike.
func Distance(a, b string) int {
	ra, rb := []rune(strings.ToLower(a)), []rune(strings.ToLower(b))
	row := make([]int, len(rb)+1)
	for j := range row {
		row[j] = j
	}
	for i, ca := range ra {
		diagonal := row[0]
		row[0] = i + 1
		for j, cb := range rb {
			cost := diagonal
			if ca != cb {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(rb)]
}
