package files

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is something wrong in the directory, the place of it and its fix.
type Problem struct {
	// File is the path as the user would type it; Line and Col count from 1
	// and are 0 when the problem is of the file as a whole.
	File string `json:"file"`
	Line int    `json:"line,omitempty"`
	Col  int    `json:"col,omitempty"`
	What string `json:"what"`
	// Fix is what the user can do about it, or "".
	Fix string `json:"fix,omitempty"`
}

// String is the problem on one line: file:line:col: what; the fix.
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", p.Line, p.Col)
	}
	b.WriteString(": " + p.What)
	if p.Fix != "" {
		b.WriteString("; " + p.Fix)
	}
	return b.String()
}

// BadFilesError is the error for a directory that cannot be run: all its problems
// at once, in order of file and place.
type BadFilesError struct{ Problems []Problem }

func (e *BadFilesError) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

func SortProblems(ps []Problem) {
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col))
	})
}
