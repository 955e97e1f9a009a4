// Package excerpt shows a line of a file with a caret below it.
package excerpt

import (
	"strings"

	"github.com/rivo/uniseg"
)

// Blanks stands under a text, tab under tab and two blanks under a character
// of double width, so that the caret meets its column on any terminal.
func Blanks(text string) string {
	parts := strings.Split(text, "\t")
	for i, p := range parts {
		parts[i] = strings.Repeat(" ", uniseg.StringWidth(p))
	}
	return strings.Join(parts, "\t")
}

// width is how many characters of a line are shown.
const width = 90

// Around is the part of a long line around the caret, which moves with it.
func Around(line string, caret int) (string, int) {
	r := []rune(line)
	if len(r) <= width {
		return line, min(caret, len(r)+1)
	}
	from := max(0, min(caret-width/2, len(r)-width))
	to := from + width
	if to < len(r) {
		r[to-1] = '…'
	}
	if from > 0 {
		r[from] = '…'
	}
	return string(r[from:to]), max(0, caret-from)
}
