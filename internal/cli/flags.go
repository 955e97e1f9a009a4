package cli

import (
	"strings"
	"time"

	ucli "github.com/urfave/cli/v2"

	"rung/runner"
)

// duration is a flag's value in PostgreSQL's or Go's notation.
type duration time.Duration

// Set implements flag.Value.
func (d *duration) Set(s string) error {
	v, err := runner.ParseDuration(s)
	*d = duration(v)
	return err
}

func (d *duration) String() string {
	if d == nil {
		return ""
	}
	return time.Duration(*d).String()
}

func durationFlag(name string, value time.Duration, usage string) ucli.Flag {
	v := duration(value)
	return &ucli.GenericFlag{Name: name, Value: &v, Usage: usage}
}

func getDuration(c *ucli.Context, name string) time.Duration {
	if v, ok := c.Generic(name).(*duration); ok {
		return time.Duration(*v)
	}
	return 0
}

func globalFlags() []ucli.Flag {
	flags := []ucli.Flag{
		&ucli.StringFlag{Name: "database-url", EnvVars: []string{"RUNG_DATABASE_URL", "DATABASE_URL"}, Usage: "where the database is: a postgres:// `URL` or key=value pairs; otherwise DATABASE_URL_FILE names a file that holds it, otherwise the PG* variables"},
		&ucli.StringFlag{Name: "dir", Value: "sql", Usage: "the `DIRECTORY` of migrations"},
		&ucli.StringFlag{Name: "history-schema", Value: "rung", Usage: "the `SCHEMA` of the record"},
		durationFlag("lock-timeout", 5*time.Second, "how long a statement waits for a table lock before the attempt gives way; 0 is no limit"),
		&ucli.IntFlag{Name: "lock-retries", Value: 10, Usage: "how often an attempt that gave way is made again"},
		durationFlag("lock-wait", 15*time.Minute, "how long to wait for the runner's lock while another runner works"),
		durationFlag("statement-timeout", 0, "how long a statement may run; 0 leaves it to the server's settings"),
		durationFlag("wait", 0, "how long to wait for a server that does not answer yet"),
		&ucli.StringFlag{Name: "role", Usage: "the `ROLE` to work as, by SET ROLE"},
		&ucli.BoolFlag{Name: "json", Usage: "print the result as one JSON object (docs/json.md)"},
		&ucli.StringFlag{Name: "log-format", Value: "text", Usage: "text or json, for progress and errors on stderr"},
		&ucli.BoolFlag{Name: "quiet", Aliases: []string{"q"}, Usage: "print only results and errors"},
		&ucli.BoolFlag{Name: "verbose", Usage: "print each step, and the server's notices"},
	}
	for _, f := range flags {
		nameVariable(f, "")
	}
	return flags
}

// nameVariable gives a flag its environment variable: RUNG_FLAG, and for a
// command's own flag RUNG_COMMAND_FLAG.
func nameVariable(f ucli.Flag, command string) {
	name := "RUNG_"
	if command != "" {
		name += command + "_"
	}
	name = strings.ToUpper(strings.ReplaceAll(name+f.Names()[0], "-", "_"))
	set := func(to *[]string) {
		if *to == nil {
			*to = []string{name}
		}
	}
	switch f := f.(type) {
	case *ucli.StringFlag:
		set(&f.EnvVars)
	case *ucli.BoolFlag:
		set(&f.EnvVars)
	case *ucli.IntFlag:
		set(&f.EnvVars)
	case *ucli.GenericFlag:
		set(&f.EnvVars)
	}
}

// flagsFirst puts flags where urfave/cli looks for them: global ones before
// the command, its own right behind it, arguments last. By itself the library
// passes over a flag behind an argument in silence.
func flagsFirst(app *ucli.App, args []string) ([]string, error) {
	global := flagSet(app.Flags)
	for _, name := range []string{"help", "h", "version", "v"} {
		global[name] = false
	}
	var command *ucli.Command
	var own map[string]bool
	var before, flags, rest []string
	for i := 1; i < len(args); i++ {
		arg := args[i]
		if arg == "--" {
			rest = append(rest, args[i:]...)
			break
		}
		if !strings.HasPrefix(arg, "-") || arg == "-" {
			if command != nil {
				rest = append(rest, arg)
				continue
			}
			if command = app.Command(arg); command == nil {
				return nil, unknownCommand(app, arg)
			}
			own = flagSet(command.Flags)
			continue
		}
		name, _, hasValue := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		to, takesValue := &flags, own[name]
		if isGlobal, ok := global[name]; ok && !known(own, name) && !(command != nil && (name == "help" || name == "h")) {
			to, takesValue = &before, isGlobal
		}
		*to = append(*to, arg)
		if takesValue && !hasValue && i+1 < len(args) {
			i++
			*to = append(*to, args[i])
		}
	}
	out := append([]string{args[0]}, before...)
	if command != nil {
		out = append(append(out, command.Name), flags...)
	} else {
		out = append(out, flags...)
	}
	return append(out, rest...), nil
}

func known(set map[string]bool, name string) bool {
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

func unknownCommand(app *ucli.App, name string) error {
	hint := "`rung --help` lists the commands"
	if like := ucli.SuggestCommand(app.Commands, name); like != "" {
		hint = "did you mean `" + strings.TrimSuffix(strings.TrimPrefix(like, "Did you mean \""), "\"?") + "`?"
	}
	return usagef(hint, "there is no command %q", name)
}
