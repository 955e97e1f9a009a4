package cli

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/joho/godotenv"

	"rung/cli/internal/cmdline"
	"rung/cli/internal/fault"
)

const (
	dotenv      = ".env"
	envFileHint = "write it as NAME=value, or give --no-env-file"
)

// addresses are the variables that say where the database is. They belong
// together: a host of the environment's goes with no database of the file's.
var addresses = []string{"RUNG_DATABASE_URL", "DATABASE_URL", "RUNG_DATABASE_URL_FILE", "DATABASE_URL_FILE", "PGHOST", "PGHOSTADDR", "PGSERVICE", "PGDATABASE"}

// readDotenv takes from .env in the working directory what rung reads of the
// environment and the environment lacks. What else the file holds is the
// application's, and stays out of what rung starts.
func readDotenv(args []string) error {
	if off, _ := strconv.ParseBool(os.Getenv(cmdline.Variable("", cmdline.NoEnvFile))); off || slices.Contains(args, "--"+cmdline.NoEnvFile) {
		return nil
	}
	found, err := godotenv.Read(dotenv)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fault.Usagef(envFileHint, "read %s: %w", dotenv, err)
	}
	addressed := slices.ContainsFunc(addresses, isSet)
	for name, value := range found {
		isAddress := slices.Contains(addresses, name) || strings.HasPrefix(name, "PG")
		if !isAddress && !strings.HasPrefix(name, "RUNG_") || isAddress && addressed || isSet(name) {
			continue
		}
		if err := os.Setenv(name, value); err != nil {
			return fault.Usagef(envFileHint, "read %s: %s: %w", dotenv, name, err)
		}
	}
	return nil
}

func isSet(name string) bool { return os.Getenv(name) != "" }
