package files

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"rung/internal/english"
	"rung/internal/script"
)

// directive is one `-- rung:NAME` that rung knows: where it may stand, and
// what it does to the script. Set returns what is wrong with the arguments.
type directive struct {
	name     string
	head     bool // stands before the first statement
	many     bool // may stand in a file more than once
	anywhere bool // stands inside a statement too
	set      func(s *Script, args string) error
}

// directives are all of them, in the order in which a message names them.
var directives = []directive{
	{name: "no-transaction", head: true, set: func(s *Script, args string) error {
		s.NoTransaction = true
		if args != "" {
			return fmt.Errorf("takes no arguments")
		}
		return nil
	}},
	{name: "lock-timeout", head: true, set: func(s *Script, args string) error { return setTimeout(&s.LockTimeout, args) }},
	{name: "statement-timeout", head: true, set: func(s *Script, args string) error { return setTimeout(&s.StatementTimeout, args) }},
	{name: "irreversible", head: true, set: func(s *Script, args string) error {
		if s.Irreversible = args; args == "" {
			return fmt.Errorf("needs a reason")
		}
		if strings.HasSuffix(s.Path, ".up.sql") {
			return fmt.Errorf("belongs at the head of a down file")
		}
		return nil
	}},
	{name: "background", head: true, set: func(s *Script, args string) error {
		s.Background = true
		if args != "" {
			return fmt.Errorf("takes no arguments")
		}
		return s.upOnly()
	}},
	{name: "requires", head: true, many: true, set: func(s *Script, args string) error {
		v, err := ParseVersion(args)
		if err != nil {
			return fmt.Errorf("needs the version of one file that says `-- rung:background`")
		}
		s.Requires = append(s.Requires, v)
		return s.upOnly()
	}},
	{name: "secret", head: true, set: func(s *Script, args string) error {
		s.Secret = true
		if args != "" {
			return fmt.Errorf("takes no arguments")
		}
		return nil
	}},
	{name: "todo", many: true, anywhere: true, set: func(s *Script, _ string) error { s.Todo = true; return nil }},
	// What they say is read by batchSpans, once all of them are known.
	{name: "batch", many: true, set: func(*Script, string) error { return nil }},
	{name: "end", many: true, set: func(_ *Script, args string) error {
		if args != "" {
			return fmt.Errorf("takes no arguments")
		}
		return nil
	}},
	{name: "allow", many: true, anywhere: true, set: func(_ *Script, args string) error {
		if len(strings.Fields(args)) < 2 {
			return fmt.Errorf("needs the finding's ID and a reason")
		}
		return nil
	}},
}

func directiveOf(name string) (d directive, ok bool) {
	i := slices.IndexFunc(directives, func(d directive) bool { return d.name == name })
	if i < 0 {
		return d, false
	}
	return directives[i], true
}

// readDirectives applies the file's directives, each at most once at its head.
func (s *Script) readDirectives() {
	seen := map[string]bool{}
	for _, d := range s.Parsed.Directives {
		known, ok := directiveOf(d.Name)
		var what, fix string
		switch {
		case !ok:
			what, fix = "unknown directive `-- rung:"+d.Name+"`", "known are "+knownDirectives()
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

// knownDirectives names all in a sentence.
func knownDirectives() string { return english.And(directiveNames()) }

// Directives are the names of those that a file may hold, in order.
func Directives() []string { return slices.Sorted(slices.Values(directiveNames())) }

func directiveNames() []string {
	names := make([]string, len(directives))
	for i, d := range directives {
		names[i] = d.name
	}
	return names
}
