package fleet

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/lib/pq"
)

// Target is one database of a fleet, or one schema of a database.
type Target struct {
	// Name is what every line about it says.
	Name string
	// Conn says how to connect.
	Conn pq.Config
	// Scope is the schema that it is, "" for a database.
	Scope string
}

// server is what its limit of connections belongs to: host and port.
func (t Target) server() string {
	if t.Conn.Hostaddr.IsValid() {
		return fmt.Sprintf("%s:%d", t.Conn.Hostaddr, t.Conn.Port)
	}
	return fmt.Sprintf("%s:%d", t.Conn.Host, t.Conn.Port)
}

// InputError is a list of targets, or a pattern, that cannot be used. It is
// found before anything runs.
type InputError struct{ What, Fix string }

func (e *InputError) Error() string { return e.What }

func badInput(fix, format string, args ...any) error {
	return &InputError{fmt.Sprintf(format, args...), fix}
}

// mostNameBytes is the longest name of a target: that of a database, and room.
const mostNameBytes = 200

// checkName refuses what is no name of a target. An address is not repeated.
func checkName(name string) error {
	switch {
	case name == "":
		return badInput(lineFix, "a target has no name")
	case strings.Contains(name, "://") || strings.Contains(name, "="):
		return badInput(lineFix, "a target has an address and no name")
	case len(name) > mostNameBytes:
		return badInput("", "a target's name has %d bytes, and %d are the most", len(name), mostNameBytes)
	case strings.ContainsFunc(name, func(c rune) bool { return unicode.IsSpace(c) || unicode.IsControl(c) }):
		return badInput("", "the target %q has a blank or a control character in its name", name)
	}
	return nil
}

// Match reports whether a name fits a pattern, in which * stands for any
// characters and ? for one.
func Match(pattern, name string) bool {
	p, n := []rune(pattern), []rune(name)
	// Behind a *, the rest is tried again from one character further on.
	star, from := -1, 0
	for at, i := 0, 0; ; {
		switch {
		case at < len(p) && p[at] == '*':
			star, from = at, i
			at++
		case at < len(p) && i < len(n) && (p[at] == '?' || p[at] == n[i]):
			at, i = at+1, i+1
		case at == len(p) && i == len(n):
			return true
		case star >= 0 && from < len(n):
			from++
			at, i = star+1, from
		default:
			return false
		}
	}
}

// Select keeps the targets that one of the patterns in only names, or all where
// there is none, without those that one in skip names. A pattern that fits no
// target is a mistake that would be passed over in silence: it is refused.
func Select(targets []Target, only, skip []string) (kept []Target, err error) {
	used := map[string]bool{}
	fits := func(patterns []string, name string) (any bool) {
		for _, p := range patterns {
			if Match(p, name) {
				any, used[p] = true, true
			}
		}
		return any
	}
	for _, t := range targets {
		skipped := fits(skip, t.Name)
		if (len(only) == 0 || fits(only, t.Name)) && !skipped {
			kept = append(kept, t)
		}
	}
	for flag, patterns := range map[string][]string{"--only": only, "--skip": skip} {
		for _, p := range patterns {
			if !used[p] {
				return nil, badInput(didYouMean(p, targets), "%s %s fits none of the %d targets", flag, p, len(targets))
			}
		}
	}
	if len(kept) == 0 {
		return nil, badInput("", "no target is left: --skip names all of them")
	}
	return kept, nil
}

// didYouMean names some targets, for a pattern that fits none.
func didYouMean(pattern string, targets []Target) string {
	if len(targets) == 0 {
		return ""
	}
	var names []string
	for _, t := range targets[:min(len(targets), 3)] {
		names = append(names, t.Name)
	}
	more := ""
	if len(targets) > 3 {
		more = ", …"
	}
	hint := "the targets are " + strings.Join(names, ", ") + more
	if !strings.ContainsAny(pattern, "*?") {
		hint += "; * stands for any characters"
	}
	return hint
}
