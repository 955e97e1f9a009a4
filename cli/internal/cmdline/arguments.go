// Package cmdline is the command line as such: values of flags and their variables,
// where flags may stand, help, and completion. It knows no command by itself; it is
// handed the app.
package cmdline

import (
	"fmt"
	"slices"
	"strings"

	ucli "github.com/urfave/cli/v2"

	"rung/cli/internal/fault"
	"rung/internal/lazyre"
	"rung/internal/pgtext"
)

// FlagsFirst puts flags where urfave/cli looks for them: global ones before
// the command, its own right behind it, arguments last. By itself the library
// passes over a flag behind an argument in silence.
func FlagsFirst(app *ucli.App, args []string) ([]string, error) {
	s := splitter{app: app, global: flagSet(append(app.Flags, ucli.HelpFlag)), own: ownFlags(app)}
	for i := 1; i < len(args); i++ {
		arg := args[i]
		switch {
		case arg == "--":
			s.rest = append(s.rest, args[i:]...)
			i = len(args)
		case strings.HasPrefix(arg, "-") && arg != "-":
			i += s.flag(arg, args[i+1:])
		case s.command == nil && arg == "help":
			s.help = true
		case s.command == nil && s.help && Topics[arg] != nil:
			s.command, s.help, s.rest = app.Command("topic"), false, []string{arg}
		case s.command == nil:
			if s.command = app.Command(arg); s.command == nil {
				if bad := s.unknown(); bad != "" { // of which this may be the value
					return nil, s.unknownFlag(bad)
				}
				return nil, unknownCommand(app, arg)
			}
			s.own = flagSet(append(s.command.Flags, ucli.HelpFlag))
		default:
			s.rest = append(s.rest, arg)
		}
	}
	if bad := s.unknown(); bad != "" {
		return nil, s.unknownFlag(bad)
	}
	if s.version && (s.versionOf || len(s.rest) > 0) {
		return nil, fault.Usagef("a migration's version stands behind --to, or as in `rung work 3` by itself", "--version prints rung's own version, and takes no other")
	}
	return s.sorted(args[0]), nil
}

// splitter sorts a command line's words.
type splitter struct {
	app     *ucli.App
	command *ucli.Command
	// global and own map the names of flags to whether they take a value; own
	// are those of every command until the command is known.
	global, own               map[string]bool
	before, flags, rest, seen []string
	help, helpFlag            bool
	version, versionOf        bool // --version was given, and with a value
}

// flag takes one flag in, with its value from what follows. It returns how
// many words of that it used.
func (s *splitter) flag(arg string, following []string) (used int) {
	name, _, hasValue := strings.Cut(strings.TrimLeft(arg, "-"), "=")
	to, takesValue := &s.flags, s.own[name]
	if isGlobal, ok := s.global[name]; ok && (s.command == nil || !has(s.own, name)) {
		to, takesValue = &s.before, isGlobal
	} else {
		typed, _, _ := strings.Cut(arg, "=")
		s.seen = append(s.seen, typed)
	}
	switch {
	case name == VersionFlag:
		s.version, s.versionOf = true, s.versionOf || hasValue
		return 0
	case slices.Contains(ucli.HelpFlag.Names(), name):
		s.helpFlag = true
	}
	*to = append(*to, arg)
	if takesValue && !hasValue && len(following) > 0 {
		*to = append(*to, following[0])
		used = 1
	}
	return used
}

// unknown is the first flag that neither rung nor the command has.
func (s *splitter) unknown() string {
	i := slices.IndexFunc(s.seen, func(typed string) bool { return !has(s.own, strings.TrimLeft(typed, "-")) })
	if i < 0 {
		return ""
	}
	return s.seen[i]
}

func (s *splitter) sorted(program string) []string {
	out := append([]string{program}, s.before...)
	if s.version {
		return append(out, "version")
	}
	if s.command != nil {
		out = append(out, s.command.Name)
	}
	if s.help {
		out = append(out, "--help")
	}
	if out = append(out, s.flags...); s.helpFlag {
		return out // behind it urfave/cli takes an argument for a topic of the help
	}
	return append(out, s.rest...)
}

func has(set map[string]bool, name string) bool {
	_, ok := set[name]
	return ok
}

// flagSet maps each flag's names to whether it takes a value.
func flagSet(flags []ucli.Flag) map[string]bool {
	set := map[string]bool{}
	for _, f := range flags {
		_, isBool := f.(*ucli.BoolFlag)
		for _, name := range f.Names() {
			set[name] = !isBool
		}
	}
	return set
}

// ownFlags are the flags that any of the commands has.
func ownFlags(app *ucli.App) map[string]bool {
	var all []ucli.Flag
	for _, c := range app.Commands {
		all = append(all, c.Flags...)
	}
	return flagSet(all)
}

func (s *splitter) unknownFlag(typed string) error {
	what, help := "rung has no flag "+typed, "`rung --help` lists the flags"
	if s.command != nil {
		what, help = s.command.Name+" has no flag "+typed, "`rung "+s.command.Name+" --help` lists its flags"
	}
	var names []string
	for _, set := range []map[string]bool{s.own, s.global} {
		for known := range set {
			names = append(names, known)
		}
	}
	if like := closest(strings.TrimLeft(typed, "-"), names); like != "" {
		help = "did you mean --" + like + "?"
	}
	return fault.Usagef(help, "%s", what)
}

func unknownCommand(app *ucli.App, name string) error {
	var names []string
	for _, c := range app.Commands {
		names = append(names, c.Name)
	}
	hint := "`rung --help` lists the commands"
	if topic := topicIn(name); topic != "" {
		hint = "did you mean `rung help " + topic + "`?"
	} else if like := closest(name, names); like != "" {
		hint = "did you mean `rung " + like + "`?"
	}
	return fault.Usagef(hint, "there is no command %q", name)
}

// topicIn is the topic that is the beginning of a word, or the other way round, or "".
func topicIn(typed string) string {
	for _, topic := range TopicNames() {
		if strings.HasPrefix(typed, topic) || len(typed) > 2 && strings.HasPrefix(topic, typed) {
			return topic
		}
	}
	return ""
}

// closest is the name that the user may have meant, or "": one that begins
// like what was typed, or else one that two changes of a letter make of it.
func closest(typed string, names []string) string {
	slices.Sort(names)
	best, least := "", 3
	for _, name := range names {
		d := pgtext.Distance(typed, name)
		if len(typed) > 1 && strings.HasPrefix(name, typed) {
			d = 0
		}
		if d < least && d < len(name) && d < len(typed) {
			best, least = name, d
		}
	}
	return best
}

// The messages of package flag and of urfave/cli, which speak of flags with
// one dash and repeat themselves.
var (
	badValue    = lazyre.New(`^invalid (?:boolean )?value (".*") for (?:flag )?-(\S+?): (.*)$`)
	badVariable = lazyre.New(`^could not parse (".*?") (?:as \S+ value )?from environment variable "(\w+)" .*?for flag \S+?: (.*)$`)
	noValue     = lazyre.New(`^flag needs an argument: -+(\S+)$`)
)

// UsageError words an error of the library's as rung does.
func UsageError(c *ucli.Context, err error, isCommand bool) error {
	text, hint := err.Error(), "see `rung --help`"
	if isCommand {
		hint = "see `rung " + c.Command.Name + " --help`"
	}
	reworded := func(where, value, what string) error {
		if strings.HasPrefix(what, "parse error") || strings.HasPrefix(what, "strconv.ParseBool") {
			what = value + " is neither true nor false"
		}
		return fmt.Errorf("%s: %s", where, what)
	}
	if m := badValue.FindStringSubmatch(text); m != nil {
		err = reworded("--"+m[2], m[1], m[3])
	} else if m := badVariable.FindStringSubmatch(text); m != nil {
		err = reworded(m[2], m[1], m[3])
	} else if m := noValue.FindStringSubmatch(text); m != nil {
		err = fmt.Errorf("--%s needs a value", m[1])
	}
	return &fault.UsageError{Err: err, Hint: hint}
}

// NoArguments refuses what a command would otherwise pass over in silence.
func NoArguments(c *ucli.Context) error {
	if !c.Args().Present() {
		return nil
	}
	arg, hint := c.Args().First(), "see `rung "+c.Command.Name+" --help`"
	if strings.Trim(arg, "0123456789") == "" && has(flagSet(c.Command.Flags), "to") {
		hint = "say --to VERSION, or --steps N for a number of migrations"
		if !has(flagSet(c.Command.Flags), "steps") {
			hint = "say --to VERSION"
		}
	}
	return fault.Usagef(hint, "%s takes no argument, and got %q", c.Command.Name, arg)
}
