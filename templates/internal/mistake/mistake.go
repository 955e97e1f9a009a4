// Package mistake is what a template says of input that it cannot work with.
package mistake

import (
	"fmt"
	"strings"

	"rung/internal/pgtext"
)

// FirstOf is the first error.
func FirstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// Mistake is input that a template cannot work with, and the fix.
type Mistake struct{ What, Hint string }

func (m *Mistake) Error() string { return m.What }

// New is a Mistake with the fix.
func New(what, hint string) error { return &Mistake{what, hint} }

// Refusef is a Mistake without a hint.
func Refusef(format string, args ...any) error { return &Mistake{What: fmt.Sprintf(format, args...)} }

// Unknown is the Mistake of a name that is not there, with the likeliest one.
func Unknown(kind, name string, known []string) error {
	return &Mistake{fmt.Sprintf("there is no %s %q", kind, name), Hint(name, known)}
}

// Hint says which of the known names is meant, most likely.
func Hint(name string, known []string) string {
	best, at := "", 1+len([]rune(name))/2 // further away is no likeness
	for _, k := range known {
		if d := pgtext.Distance(name, k); d < at || d == at && best == "" {
			best, at = k, d
		}
	}
	switch {
	case strings.HasPrefix(best, `"`) && !strings.HasPrefix(name, `"`):
		return fmt.Sprintf("did you mean %s, in double quotes?", best)
	case best != "":
		return fmt.Sprintf("did you mean %s?", best)
	case len(known) > 0:
		return "known are " + strings.Join(known, ", ")
	}
	return ""
}
