package cli

import (
	"os"
	"regexp"
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
	if err != nil || misplacedAt(url) {
		return pq.Config{}, badURL(url, err)
	}
	if cfg.SSLMode == "" {
		cfg.SSLMode = pq.SSLModePrefer // as libpq does, and psql with it
	}
	return cfg, nil
}

// misplacedAt tells a URL whose @ stands behind the host: a / or ? of the
// password was taken for the end of it, and what would be called the host, the
// port and the database are pieces of the password.
func misplacedAt(text string) bool {
	_, rest, ok := strings.Cut(text, "://")
	if !ok {
		return false
	}
	host, rest, _ := cutAny(rest, "/?#")
	path, query, _ := cutAny(rest, "?#")
	for _, pair := range strings.Split(query, "&") {
		key, _, _ := strings.Cut(pair, "=")
		path += key
	}
	return !strings.Contains(host, "@") && strings.Contains(path, "@")
}

func cutAny(s, chars string) (before, after string, found bool) {
	if i := strings.IndexAny(s, chars); i >= 0 {
		return s[:i], s[i+1:], true
	}
	return s, "", false
}

var (
	scheme = regexp.MustCompile(`^[a-z+]+://`)
	// tellable are the driver's errors that hold no part of a URL but the
	// parameter which they name. A port may be a piece of a password.
	tellable = regexp.MustCompile(`^pq: (wrong value for ("[a-oq-z]\w*"|\$\w+): .*|environment variable .*|unsupported .*|weak sslmode .*)$`)
)

// badURL says what is wrong with the address without repeating it.
func badURL(url string, err error) error {
	s := scheme.FindString(url)
	if err != nil && tellable.MatchString(err.Error()) {
		return usagef("", "the database's address: %s", strings.TrimPrefix(err.Error(), "pq: "))
	}
	switch {
	case s == "" && !strings.Contains(url, "="):
		return usagef("write it like postgres://user:password@host/database", "the database URL is neither a postgres:// URL nor key=value pairs")
	case s == "":
		return usagef("a value with a blank in it stands between single quotes", "the database's key=value pairs cannot be read")
	case s != "postgres://" && s != "postgresql://":
		return usagef("write it like postgres://user:password@host/database", "the database URL starts with %s, and rung speaks to PostgreSQL", s)
	}
	return usagef("is every special character of the password percent-encoded? / is %2F, @ is %40, ? is %3F, # is %23, % is %25", "the database URL cannot be read")
}

// newRunner is the runner that the global flags describe. Where the directory
// is, cfg says.
func (t *terminal) newRunner(c *ucli.Context, cfg runner.Config) (*runner.Runner, error) {
	conn, err := connConfig(c)
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
	cfg.StatementTimeout = getDuration(c, "statement-timeout")
	cfg.Wait = getDuration(c, "wait")
	cfg.Batch = batch
	cfg.Version = version()
	cfg.Events = t.listener()
	return runner.New(cfg)
}

// open makes the runner that reads the directory while it connects: the start
// of most commands.
func (t *terminal) open(c *ucli.Context) (*runner.Runner, error) {
	return t.newRunner(c, runner.Config{Load: func() (*runner.Directory, error) {
		d, err := t.load(c)
		if err == nil {
			t.warnOddities(d, false)
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
