package cli

import (
	"github.com/lib/pq"
	ucli "github.com/urfave/cli/v2"

	"rung/cli/internal/cmdline"
	"rung/runner"
)

// connConfig is how to connect to the database that the command is for.
func (t *terminal) connConfig(c *ucli.Context) (pq.Config, error) {
	if t.member != nil {
		return t.member.Conn, nil
	}
	return connConfig(c)
}

// newRunner is the runner that the global flags describe. Where the directory
// is, cfg says.
func (t *terminal) newRunner(c *ucli.Context, cfg runner.Config) (*runner.Runner, error) {
	if err := t.aim(c, &cfg); err != nil {
		return nil, err
	}
	batch, err := batchOverride(c)
	if err != nil {
		return nil, err
	}
	t.waited = cmdline.GetDuration(c, "wait") > 0
	cfg.HistorySchema = c.String("history-schema")
	cfg.Role = c.String("role")
	cfg.LockTimeout = zeroIsNone(cmdline.GetDuration(c, "lock-timeout"))
	cfg.LockRetries = zeroIsNone(cmdline.GetNumber(c, "lock-retries"))
	cfg.LockWait = zeroIsNone(cmdline.GetDuration(c, "lock-wait"))
	if cfg.StatementTimeout = cmdline.GetDuration(c, "statement-timeout"); c.IsSet("statement-timeout") {
		cfg.StatementTimeout = zeroIsNone(cfg.StatementTimeout)
	}
	cfg.Wait = cmdline.GetDuration(c, "wait")
	cfg.Batch = batch
	cfg.Version = version()
	cfg.Origin = origin()
	cfg.Note = c.String("note")
	cfg.Events = t.listener()
	cfg.Events = t.metrics.hear(t.targetName(), cfg.Events)
	if t.member != nil {
		cfg.Run, cfg.Events = t.member.run, t.member.heed(cfg.Events)
	}
	cfg.Sessions = t.sessions
	return runner.New(cfg)
}

// aim makes a runner's Config that of the database that the command is for, or of
// one target's schema.
func (t *terminal) aim(c *ucli.Context, cfg *runner.Config) (err error) {
	if cfg.Conn, err = t.connConfig(c); err == nil && t.member != nil {
		cfg.Scope, cfg.Shared = t.member.Scope, c.StringSlice("shared-schema")
	}
	return err
}

// targetName is the name of the one among many that the terminal is for, or "".
func (t *terminal) targetName() string {
	if t.member == nil {
		return ""
	}
	return t.member.Name
}

// open makes the runner that reads the directory while it connects: the start
// of most commands.
func (t *terminal) open(c *ucli.Context) (*runner.Runner, error) {
	return t.newRunner(c, runner.Config{Load: func() (*runner.Directory, error) {
		d, err := t.load(c)
		if err == nil {
			t.warnFiles(d, false)
		}
		return d, err
	}})
}

// zeroIsNone maps the flag's 0 to the Config's negative.
func zeroIsNone[T ~int | ~int64](n T) T {
	if n == 0 {
		return -1
	}
	return n
}
