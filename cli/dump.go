package cli

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/lib/pq"
	ucli "github.com/urfave/cli/v2"

	"rung/cli/internal/cmdline"
	"rung/cli/internal/fault"
	"rung/internal/lazyre"
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
				err = writeError(o.File, replaceFile(o.File, text))
			case t.json:
				o.SQL = string(text)
			default:
				_, err = t.raw.Write(text)
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

// restrictKey is the random key that pg_dump guards its output with.
var restrictKey = lazyre.New(`(?m)^\\(un)?restrict .*\n\n?`)

// pgDump runs pg_dump from the PATH. The password goes by the environment, so
// that no process list shows it.
func pgDump(ctx context.Context, cfg pq.Config, history, role string) ([]byte, error) {
	path, err := exec.LookPath("pg_dump")
	if err != nil {
		return nil, fault.Usagef("install PostgreSQL's client programs (postgresql-client)", "dump needs pg_dump, which is not in the PATH")
	}
	args := []string{"--schema-only", "--no-password", "--exclude-schema=" + patternOf(history)}
	if role != "" {
		args = append(args, "--role="+role)
	}
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 5 * time.Second
	cmd.Env = append(os.Environ(), pgEnv(cfg)...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, dumpError(strings.TrimSpace(errs.String()))
	}
	return []byte(restrictKey.ReplaceAllString(out.String(), "")), nil
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

// pgEnv says in libpq's variables what the driver's configuration says.
func pgEnv(cfg pq.Config) []string {
	var hosts, addrs, ports []string
	named := false
	for _, m := range append([]pq.ConfigMultihost{{Host: cfg.Host, Hostaddr: cfg.Hostaddr, Port: cfg.Port}}, cfg.Multi...) {
		addr := ""
		if m.Hostaddr.IsValid() {
			addr, named = m.Hostaddr.String(), true
		}
		hosts, addrs, ports = append(hosts, m.Host), append(addrs, addr), append(ports, strconv.Itoa(int(m.Port)))
	}
	env := []string{
		"PGHOST=" + strings.Join(hosts, ","), "PGPORT=" + strings.Join(ports, ","), "PGUSER=" + cfg.User,
		"PGDATABASE=" + cfg.Database, "PGSSLMODE=" + string(cfg.SSLMode),
	}
	optional := map[string]string{
		"PGPASSWORD": cfg.Password, "PGPASSFILE": cfg.Passfile, "PGSSLCERT": cfg.SSLCert, "PGSSLKEY": cfg.SSLKey, "PGSSLROOTCERT": cfg.SSLRootCert,
		"PGOPTIONS": cfg.Options, "PGTARGETSESSIONATTRS": string(cfg.TargetSessionAttrs), "PGSSLNEGOTIATION": string(cfg.SSLNegotiation),
	}
	if named {
		optional["PGHOSTADDR"] = strings.Join(addrs, ",")
	}
	for name, value := range optional {
		if value != "" {
			env = append(env, name+"="+value)
		}
	}
	return env
}
