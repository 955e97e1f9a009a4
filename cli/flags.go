package cli

import (
	"time"

	ucli "github.com/urfave/cli/v2"

	"rung/cli/internal/cmdline"
)

func globalFlags() []ucli.Flag {
	flags := []ucli.Flag{
		&ucli.StringFlag{Name: "database-url", EnvVars: []string{"RUNG_DATABASE_URL", "DATABASE_URL"}, Usage: "the database: a postgres:// `URL`, or key=value pairs (without it: DATABASE_URL, the file that DATABASE_URL_FILE names, or psql's PG* variables)"},
		&ucli.StringSliceFlag{Name: "dir", Value: ucli.NewStringSlice("sql"), Usage: "the `DIRECTORY` of migrations; may be given several times: versions are ordered across all of them, and `rung new` writes into the first"},
		&ucli.BoolFlag{Name: "recursive", Usage: "read the sub-folders of the directory too"},
		&ucli.StringFlag{Name: "history-schema", Value: "rung", Usage: "the `SCHEMA` of the history tables"},
		cmdline.DurationFlag("lock-timeout", 5*time.Second, "how long a statement may wait for a table lock before rung rolls back and retries: a `DURATION`, or 0 for no limit"),
		cmdline.NumberFlag("lock-retries", 10, "retry up to `N` times after a lock timeout or a deadlock"),
		cmdline.DurationFlag("lock-wait", 15*time.Minute, "wait up to this `DURATION` for the migration lock while another rung works"),
		cmdline.DurationFlag("statement-timeout", 0, "how long a statement may run: a `DURATION`, or 0 for no limit (without it: the role's own setting)"),
		cmdline.DurationFlag("wait", 0, "wait up to this `DURATION` for a server that does not answer yet"),
		&ucli.StringFlag{Name: "role", Usage: "the `ROLE` to work as, by SET ROLE"},
		&ucli.BoolFlag{Name: "json", Usage: "print the result as one JSON object on stdout"},
		&ucli.StringFlag{Name: "log-format", Value: "text", Usage: "the `FORMAT` of progress and errors on stderr: text or json"},
		&ucli.StringFlag{Name: "color", Value: "auto", Usage: "`WHEN` to colour the text: auto, always or never; auto is on a terminal, without NO_COLOR"},
		&ucli.BoolFlag{Name: cmdline.NoEnvFile, Usage: "do not read .env in the working directory, which sets what the environment lacks of DATABASE_URL, PG* and RUNG_*"},
		&ucli.BoolFlag{Name: "quiet", Aliases: []string{"q"}, Usage: "print only results and errors"},
		&ucli.BoolFlag{Name: "verbose", Aliases: []string{"v"}, Usage: "print each step, the server's notices, and every file that is ignored"},
	}
	flags = append(flags, fleetFlags()...)
	for _, f := range flags {
		cmdline.NameVariable(f, "")
	}
	// It has no variable: RUNG_VERSION is what a deploy calls the version that it wants.
	return append(flags, &ucli.BoolFlag{Name: cmdline.VersionFlag, Usage: "print rung's version, and do nothing else"})
}
