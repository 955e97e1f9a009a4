package templates

import (
	"strings"

	"rung/internal/pgtext"
)

// indent moves the lines after the first to the right, but for those that begin
// inside quotes.
func indent(n int, s string) string {
	return pgtext.ChangeOutsideQuotes(strings.TrimSpace(s), func(s string) string {
		return strings.ReplaceAll(s, "\n", "\n"+strings.Repeat(" ", n))
	})
}
