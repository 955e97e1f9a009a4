package cli

import (
	"cmp"
	"errors"
	"os"
	"strings"

	"github.com/lib/pq"
	ucli "github.com/urfave/cli/v2"

	"rung/internal/pgurl"
	"rung/runner"
)

// databaseURL finds where the database is. "" means the PG* variables.
func databaseURL(c *ucli.Context) (string, error) {
	if url := strings.TrimSpace(c.String("database-url")); url != "" {
		return url, nil
	}
	file := cmp.Or(os.Getenv("RUNG_DATABASE_URL_FILE"), os.Getenv("DATABASE_URL_FILE"))
	if file == "" {
		return "", nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return "", usagef("DATABASE_URL_FILE names a file that holds the URL", "read the database URL: %w", err)
	}
	return pgurl.ReadFile(text)
}

// connConfig is how to connect. Its errors never repeat the URL, which may
// hold a password.
func connConfig(c *ucli.Context) (pq.Config, error) {
	url, err := databaseURL(c)
	switch {
	case err != nil:
		return pq.Config{}, badAddress(err)
	case url == "" && cmp.Or(os.Getenv("PGHOST"), os.Getenv("PGHOSTADDR"), os.Getenv("PGSERVICE"), os.Getenv("PGDATABASE")) == "":
		return pq.Config{}, usagef("set DATABASE_URL=postgres://user:password@host/database, or pass --database-url", "no database is named")
	}
	return configOf(url)
}

// connConfig is how to connect to the database that the command is for.
func (t *terminal) connConfig(c *ucli.Context) (pq.Config, error) {
	if t.member != nil {
		return t.member.Conn, nil
	}
	return connConfig(c)
}

// configOf reads an address. Its errors do not repeat it either.
func configOf(url string) (pq.Config, error) {
	cfg, err := pgurl.Parse(url, pgurl.Environment())
	if err != nil {
		return pq.Config{}, badAddress(err)
	}
	return cfg, nil
}

// badAddress makes an address that cannot be read a matter of usage.
func badAddress(err error) error {
	var bad *pgurl.Error
	if errors.As(err, &bad) {
		return usagef(bad.Fix, "%s", bad.What)
	}
	return err
}

// newRunner is the runner that the global flags describe. Where the directory
// is, cfg says.
func (t *terminal) newRunner(c *ucli.Context, cfg runner.Config) (*runner.Runner, error) {
	conn, err := t.connConfig(c)
	if err != nil {
		return nil, err
	}
	batch, err := batchOverride(c)
	if err != nil {
		return nil, err
	}
	t.waited = getDuration(c, "wait") > 0
	cfg.Conn = conn
	cfg.HistorySchema = c.String("history-schema")
	cfg.Role = c.String("role")
	cfg.LockTimeout = zeroIsNone(getDuration(c, "lock-timeout"))
	cfg.LockRetries = zeroIsNone(getNumber(c, "lock-retries"))
	cfg.LockWait = zeroIsNone(getDuration(c, "lock-wait"))
	if cfg.StatementTimeout = getDuration(c, "statement-timeout"); c.IsSet("statement-timeout") {
		cfg.StatementTimeout = zeroIsNone(cfg.StatementTimeout)
	}
	cfg.Wait = getDuration(c, "wait")
	cfg.Batch = batch
	cfg.Version = version()
	cfg.Origin = origin()
	cfg.Note = c.String("note")
	cfg.Events = t.listener()
	cfg.Events = t.metrics.hear(t.targetName(), cfg.Events)
	if t.member != nil {
		cfg.Run, cfg.Events = t.member.run, t.member.heed(cfg.Events)
		cfg.Sessions = t.member.sessions
		cfg.Scope, cfg.Shared = t.member.Scope, c.StringSlice("shared-schema")
	}
	return runner.New(cfg)
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
