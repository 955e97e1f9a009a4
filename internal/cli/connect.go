package cli

import (
	"os"
	"strings"

	"github.com/lib/pq"
	ucli "github.com/urfave/cli/v2"

	"rung/runner"
)

// databaseURL finds where the database is. "" means the PG* variables.
func databaseURL(c *ucli.Context) (string, error) {
	if url := c.String("database-url"); url != "" {
		return url, nil
	}
	file := os.Getenv("RUNG_DATABASE_URL_FILE")
	if file == "" {
		file = os.Getenv("DATABASE_URL_FILE")
	}
	if file == "" {
		return "", nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return "", usagef("DATABASE_URL_FILE names a file that holds the URL", "read the database URL: %w", err)
	}
	return strings.TrimSpace(string(text)), nil
}

// connConfig is how to connect. Its errors never repeat the URL, which may
// hold a password.
func connConfig(c *ucli.Context) (pq.Config, error) {
	url, err := databaseURL(c)
	if err != nil {
		return pq.Config{}, err
	}
	if url == "" && os.Getenv("PGHOST") == "" && os.Getenv("PGHOSTADDR") == "" && os.Getenv("PGSERVICE") == "" && os.Getenv("PGDATABASE") == "" {
		return pq.Config{}, usagef("set DATABASE_URL=postgres://user:password@host/database, or pass --database-url", "no database is named")
	}
	cfg, err := pq.NewConfig(url)
	if err != nil {
		return pq.Config{}, usagef("is every special character of the password percent-encoded?", "the database URL, or a PG* variable beside it, is not one that PostgreSQL's libpq would take")
	}
	if cfg.SSLMode == "" {
		cfg.SSLMode = pq.SSLModePrefer // as libpq does, and psql with it
	}
	return cfg, nil
}

// newRunner is the runner that the global flags describe.
func (t *terminal) newRunner(c *ucli.Context, d *runner.Directory) (*runner.Runner, error) {
	conn, err := connConfig(c)
	if err != nil {
		return nil, err
	}
	batch, err := batchOverride(c)
	if err != nil {
		return nil, err
	}
	return runner.New(runner.Config{
		Conn:             conn,
		Dir:              d,
		HistorySchema:    c.String("history-schema"),
		Role:             c.String("role"),
		LockTimeout:      zeroIsNone(getDuration(c, "lock-timeout")),
		LockRetries:      zeroIsNone(getNumber(c, "lock-retries")),
		LockWait:         zeroIsNone(getDuration(c, "lock-wait")),
		StatementTimeout: getDuration(c, "statement-timeout"),
		Wait:             getDuration(c, "wait"),
		Batch:            batch,
		Version:          version(),
		Events:           t.listener(),
	})
}

// open loads the directory and makes the runner: the start of most commands.
func (t *terminal) open(c *ucli.Context) (*runner.Directory, *runner.Runner, error) {
	d, err := t.load(c)
	if err != nil {
		return nil, nil, err
	}
	t.warnOddities(d, false)
	r, err := t.newRunner(c, d)
	return d, r, err
}

// zeroIsNone maps the flag's 0 to the Config's negative.
func zeroIsNone[T ~int | ~int64](n T) T {
	if n == 0 {
		return -1
	}
	return n
}
