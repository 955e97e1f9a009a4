package files

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"rung/internal/script"
)

// directive is one `-- rung:NAME` that rung knows: where it may stand, and
// what it does to the script. Set returns what is wrong with the arguments.
type directive struct {
	head     bool // stands before the first statement
	many     bool // may stand in a file more than once
	anywhere bool // stands inside a statement too
	set      func(s *Script, args string) error
}

var directives = map[string]directive{
	"no-transaction": {head: true, set: func(s *Script, args string) error {
		s.NoTransaction = true
		if args != "" {
			return fmt.Errorf("takes no arguments")
		}
		return nil
	}},
	"lock-timeout":      {head: true, set: func(s *Script, args string) error { return setTimeout(&s.LockTimeout, args) }},
	"statement-timeout": {head: true, set: func(s *Script, args string) error { return setTimeout(&s.StatementTimeout, args) }},
	"irreversible": {head: true, set: func(s *Script, args string) error {
		if s.Irreversible = args; args == "" {
			return fmt.Errorf("needs a reason")
		}
		if strings.HasSuffix(s.Path, ".up.sql") {
			return fmt.Errorf("belongs at the head of a down file")
		}
		return nil
	}},
	"secret": {head: true, set: func(s *Script, args string) error {
		s.Secret = true
		if args != "" {
			return fmt.Errorf("takes no arguments")
		}
		return nil
	}},
	"background": {head: true, set: func(s *Script, args string) error {
		s.Background = true
		if args != "" {
			return fmt.Errorf("takes no arguments")
		}
		return s.upOnly()
	}},
	"requires": {head: true, many: true, set: func(s *Script, args string) error {
		v, err := ParseVersion(args)
		if err != nil {
			return fmt.Errorf("needs the version of one file that says `-- rung:background`")
		}
		s.Requires = append(s.Requires, v)
		return s.upOnly()
	}},
	// What they say is read by batchSpans, once all of them are known.
	"batch": {many: true, set: func(*Script, string) error { return nil }},
	"end": {many: true, set: func(_ *Script, args string) error {
		if args != "" {
			return fmt.Errorf("takes no arguments")
		}
		return nil
	}},
	"todo": {many: true, anywhere: true, set: func(s *Script, _ string) error { s.Todo = true; return nil }},
	"allow": {many: true, anywhere: true, set: func(_ *Script, args string) error {
		if len(strings.Fields(args)) < 2 {
			return fmt.Errorf("needs the finding's ID and a reason")
		}
		return nil
	}},
}

// readDirectives applies the file's directives, each at most once at its head.
func (s *Script) readDirectives() {
	seen := map[string]bool{}
	for _, d := range s.Parsed.Directives {
		known, ok := directives[d.Name]
		var what, fix string
		switch {
		case !ok:
			what, fix = "unknown directive `-- rung:"+d.Name+"`", "known are no-transaction, lock-timeout, statement-timeout, irreversible, background, requires, secret, todo, batch, end and allow"
		case known.head && (d.Statement > 0 || d.Inside):
			what, fix = "rung:"+d.Name+" stands below the first statement", "move it to the head of the file"
		case d.Inside && !known.anywhere:
			what, fix = "rung:"+d.Name+" stands inside a statement", "move it above the statement"
		case !known.many && seen[d.Name]:
			what, fix = "rung:"+d.Name+" is given twice", "keep one"
		default:
			if d.Name == "todo" && !seen["todo"] {
				what, fix = "rung:todo says that the file is not written yet, so nothing runs it", "write its SQL, and remove that line"
			}
			seen[d.Name] = true
			if err := known.set(s, d.Args); err != nil {
				what, fix = "rung:"+d.Name+" "+err.Error(), "see `rung help directives`"
			}
		}
		if what != "" {
			s.addProblems(&s.Problems, []script.Problem{{Pos: d.Pos, What: what, Fix: fix}})
		}
	}
}

func setTimeout(to **time.Duration, args string) error {
	d, err := ParseDuration(args)
	*to = &d
	return err
}

// Directives are the names of those that a file may hold, in order.
func Directives() []string { return slices.Sorted(maps.Keys(directives)) }
