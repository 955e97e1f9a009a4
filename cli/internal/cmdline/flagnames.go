package cmdline

import (
	"strings"

	ucli "github.com/urfave/cli/v2"
)

// NoEnvFile is the flag that leaves it unread.
const NoEnvFile = "no-env-file"

// VersionFlag does what the command of that name does.
const VersionFlag = "version"

// Variable is the environment variable of a flag: RUNG_FLAG, and for a
// command's own flag RUNG_COMMAND_FLAG.
func Variable(command, flag string) string {
	name := "RUNG_"
	if command != "" {
		name += command + "_"
	}
	return strings.ToUpper(strings.ReplaceAll(name+flag, "-", "_"))
}

// NameVariable gives a flag its environment variable.
func NameVariable(f ucli.Flag, command string) {
	name := Variable(command, f.Names()[0])
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
	case *ucli.GenericFlag:
		set(&f.EnvVars)
	case *ucli.StringSliceFlag:
		set(&f.EnvVars)
	}
}
