package cli

import (
	"context"
	"errors"
	"io"
	"os/exec"
	"strings"

	"github.com/lib/pq"
	ucli "github.com/urfave/cli/v2"

	"rung/cli/internal/cmdline"
	"rung/cli/internal/fault"
	"rung/internal/lazyre"
	"rung/internal/pgdump"
	"rung/runner"
)

func dumpCommand(t *terminal) *ucli.Command {
	return &ucli.Command{
		Name:  "dump",
		Usage: "print the schema by pg_dump, without rung's own",
		UsageText: cmdline.Examples(
			"rung dump --output schema.sql", "write the schema to a file",
		),
		Description: "The same schema gives the same text: what pg_dump chooses at random is left out. Needs pg_dump in the PATH, of the server's version or newer.",
		Flags: []ucli.Flag{
			&ucli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "write to `FILE`, once the dump is complete"},
		},
		Action: func(c *ucli.Context) error {
			if err := cmdline.NoArguments(c); err != nil {
				return err
			}
			cfg, err := connConfig(c)
			if err != nil {
				return err
			}
			r, err := t.newRunner(c, runner.Config{})
			if err != nil {
				return err
			}
			// pg_dump does not wait, and has one exit code for everything.
			if err := r.WaitForServer(c.Context); err != nil {
				return err
			}
			text, err := pgDump(c.Context, cfg, c.String("history-schema"), c.String("role"))
			if err != nil {
				return err
			}
			o := &jsonDump{File: c.String("output"), Bytes: len(text)}
			switch {
			case o.File != "":
				err = writeError(o.File, replaceFile(o.File, []byte(text)))
			case t.json:
				o.SQL = text
			default:
				_, err = io.WriteString(t.raw, text)
			}
			return t.failWith(o, err)
		},
	}
}

type jsonDump struct {
	jsonResult
	File  string `json:"file,omitempty"`
	Bytes int    `json:"bytes"`
	SQL   string `json:"sql,omitempty"`
}

// pgDump runs the pg_dump of the PATH.
func pgDump(ctx context.Context, cfg pq.Config, history, role string) (string, error) {
	path, err := exec.LookPath("pg_dump")
	if err != nil {
		return "", fault.Usagef("install PostgreSQL's client programs (postgresql-client)", "dump needs pg_dump, which is not in the PATH")
	}
	args := []string{"--exclude-schema=" + patternOf(history)}
	if role != "" {
		args = append(args, "--role="+role)
	}
	text, err := pgdump.Schema(ctx, path, cfg, args...)
	if failed := (*pgdump.Error)(nil); errors.As(err, &failed) {
		err = dumpError(failed.Said)
	}
	return text, err
}

// dumpError is what pg_dump says, without its name on each line.
func dumpError(said string) error {
	said = dumpPrefix.ReplaceAllString(said, "")
	first, others, _ := strings.Cut(said, "\n")
	var err error = &fault.ProgramError{Program: "pg_dump", First: first, Others: others}
	if strings.Contains(said, "version mismatch") {
		return &runner.HintedError{Err: err, Hint: "put the pg_dump of the server's version, or a newer one, first in the PATH"}
	}
	return err
}

var dumpPrefix = lazyre.New(`(?m)^pg_dump: (error: |detail: |hint: )?`)

// patternOf is a schema's name as a pattern that matches nothing else.
func patternOf(schema string) string { return pq.QuoteIdentifier(schema) }
