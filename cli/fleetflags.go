package cli

import (
	"os"

	ucli "github.com/urfave/cli/v2"

	"rung/cli/internal/cmdline"
	"rung/cli/internal/fault"
)

// fleetFlags are global, since they go with every command that talks to a database.
func fleetFlags() []ucli.Flag {
	const category = "many databases in one run:"
	number := func(name string, value int, usage string) ucli.Flag {
		f := cmdline.NumberFlag(name, value, usage).(*ucli.GenericFlag)
		f.Category = category
		return f
	}
	return []ucli.Flag{
		&ucli.StringFlag{Name: "targets", Category: category, Usage: "a `FILE` of targets, - for stdin: a line each, with name and address"},
		&ucli.StringFlag{Name: "targets-query", Category: category, Usage: "a `QUERY` on --database-url that gives name and address of each target"},
		&ucli.StringFlag{Name: "each-database", Category: category, Usage: "the databases of this server whose names fit `PATTERN`: * stands for any characters, ? for one"},
		&ucli.StringFlag{Name: "each-schema", Category: category, Usage: "the schemas of this database whose names fit `PATTERN`: each has versions of its own in the one history, and its files run with it as their search_path"},
		&ucli.StringSliceFlag{Name: "shared-schema", Category: category, Usage: "with --each-schema, a `SCHEMA` to add to search_path, such as that of an extension; may be given several times"},
		&ucli.StringSliceFlag{Name: "only", Category: category, Usage: "of these targets, those whose names fit `PATTERN`; may be given several times"},
		&ucli.StringSliceFlag{Name: "skip", Category: category, Usage: "leave out the targets whose names fit `PATTERN`; may be given several times"},
		number("parallel", 4, "work on `N` targets of one server at a time"),
		number("canary", 0, "work on the first `N` targets alone; where one fails, begin no other"),
		number("max-failures", 0, "begin no other target after `N` have failed; 0 goes on to the end"),
	}
}

// sources are the flags that name targets; a command has one of them or none.
var sources = []string{"targets", "targets-query", "each-database", eachSchema}

const eachSchema = "each-schema"

// source is the flag that names the targets, "" where the command is for one database.
func source(c *ucli.Context) (name string, err error) {
	for _, flag := range sources {
		switch {
		case !c.IsSet(flag):
		case c.String(flag) == "":
			return "", fault.Usagef("", "--%s is empty", flag)
		case name != "":
			return "", fault.Usagef("run rung once for each", "--%s and --%s name two fleets", name, flag)
		default:
			name = flag
		}
	}
	if c.IsSet("shared-schema") && name != eachSchema {
		return "", fault.Usagef("", "--shared-schema belongs to --each-schema")
	}
	if name != "" {
		return name, nil
	}
	for _, flag := range []string{"only", "skip", "parallel", "canary", "max-failures"} {
		chooses := flag == "only" || flag == "skip"
		// A limit in the environment of a whole pipeline is for its runs over many.
		if c.IsSet(flag) && (chooses || os.Getenv(cmdline.Variable("", flag)) == "") {
			return "", fault.Usagef("name the targets by --targets, --targets-query, --each-database or --each-schema", "--%s belongs to a run over many databases", flag)
		}
	}
	return "", nil
}
