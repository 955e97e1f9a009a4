package english

import "strings"

// And joins parts of a sentence: "a, b and c".
func And(all []string) string {
	last := len(all) - 1
	if last < 1 {
		return strings.Join(all, "")
	}
	return strings.Join(all[:last], ", ") + " and " + all[last]
}
