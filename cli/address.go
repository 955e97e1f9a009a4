package cli

import (
	"cmp"
	"errors"
	"os"
	"strings"

	"github.com/lib/pq"
	ucli "github.com/urfave/cli/v2"

	"rung/cli/internal/fault"
	"rung/internal/pgurl"
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
		return "", fault.Usagef("DATABASE_URL_FILE names a file that holds the URL", "read the database URL: %w", err)
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
		return pq.Config{}, fault.Usagef("set DATABASE_URL=postgres://user:password@host/database, or pass --database-url", "no database is named")
	}
	return configOf(url)
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
		return fault.Usagef(bad.Fix, "%s", bad.What)
	}
	return err
}
