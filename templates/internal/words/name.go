package words

import (
	"strings"

	"rung/internal/pgtext"
)

// SplitName reads a name as SQL writes it: parts with dots between, quotes
// undone, others folded to lower case.
func SplitName(s string) (names []string, ok bool) {
	for _, part := range pgtext.SplitOutsideQuotes(s, ".") {
		part = strings.TrimSpace(part)
		quoted := len(part) > 2 && part[0] == '"' && part[len(part)-1] == '"'
		switch {
		case quoted:
			part = strings.ReplaceAll(part[1:len(part)-1], `""`, `"`)
		case part == "" || strings.ContainsAny(part, `"' ();,`):
			return nil, false
		default:
			part = pgtext.Fold(part)
		}
		names = append(names, part)
	}
	return names, len(names) > 0
}
