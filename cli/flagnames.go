package cli

import (
	"strings"

	ucli "github.com/urfave/cli/v2"
)

// noEnvFile is the flag that leaves it unread.
const noEnvFile = "no-env-file"

// versionFlag does what the command of that name does.
const versionFlag = "version"

// variable is the environment variable of a flag: RUNG_FLAG, and for a
// command's own flag RUNG_COMMAND_FLAG.
func variable(command, flag string) string {
	name := "RUNG_"
	if command != "" {
		name += command + "_"
	}
	return strings.ToUpper(strings.ReplaceAll(name+flag, "-", "_"))
}

// nameVariable gives a flag its environment variable.
func nameVariable(f ucli.Flag, command string) {
	name := variable(command, f.Names()[0])
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
