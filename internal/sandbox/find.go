package sandbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"rung/internal/lazyre"
	"rung/internal/sandbox/download"
)

// BinDirEnv names the variable that says where the server binaries are; if it
// is set, nowhere else is looked.
const BinDirEnv = "RUNG_PG_BINDIR"

// ErrNoServer is the error of Start where no server binaries are found.
var ErrNoServer = errors.New("no PostgreSQL server found: install one " +
	"(apt-get install postgresql, or brew install postgresql), fetch one by `rung sandbox --download`, or set " + BinDirEnv)

// Version is a version of PostgreSQL, such as 15.18.
type Version struct{ Major, Minor int }

func (v Version) String() string { return fmt.Sprintf("%d.%d", v.Major, v.Minor) }

func (v Version) compare(o Version) int {
	return cmp.Or(cmp.Compare(v.Major, o.Major), cmp.Compare(v.Minor, o.Minor))
}

// The places where packages put the server binaries, which are seldom on PATH.
var binDirPatterns = []string{
	"/usr/lib/postgresql/*/bin",         // Debian, Ubuntu
	"/usr/pgsql-*/bin",                  // PostgreSQL's own packages for Red Hat
	"/usr/libexec/postgresql*",          // Alpine
	"/opt/homebrew/opt/postgresql*/bin", // Homebrew on Apple silicon
	"/usr/local/opt/postgresql*/bin",    // Homebrew on Intel
	"/Applications/Postgres.app/Contents/Versions/*/bin",
	"/usr/local/pgsql/bin", // built from source
}

// findServer finds the binaries to run: in binDir, else in $RUNG_PG_BINDIR,
// else the newest of all known places, else the newest that was downloaded.
func findServer(ctx context.Context, binDir string) (string, Version, error) {
	asked := cmp.Or(binDir, os.Getenv(BinDirEnv))
	if asked != "" {
		version, err := serverVersion(ctx, asked)
		if err != nil {
			return "", Version{}, fmt.Errorf("no PostgreSQL server in %s: %w", asked, err)
		}
		dir, err := filepath.Abs(asked)
		return dir, version, err
	}
	// Installed ones first: psql and pg_dump stand beside them.
	for _, dirs := range [][]string{candidates(ctx), downloaded()} {
		if dir, version := newestOf(ctx, dirs); dir != "" {
			return dir, version, nil
		}
	}
	return "", Version{}, ErrNoServer
}

func newestOf(ctx context.Context, dirs []string) (best string, bestVersion Version) {
	for _, dir := range dirs {
		version, err := serverVersion(ctx, dir)
		if err == nil && version.compare(bestVersion) > 0 {
			best, bestVersion = dir, version
		}
	}
	return best, bestVersion
}

// downloaded are the directories of what `rung sandbox --download` has fetched.
func downloaded() []string {
	cache, err := download.CacheDir()
	if err != nil {
		return nil
	}
	dirs, _ := filepath.Glob(filepath.Join(cache, "*", "bin"))
	return dirs
}

// candidates are the directories that may hold the binaries.
func candidates(ctx context.Context) []string {
	var dirs []string
	if path, err := exec.LookPath("postgres"); err == nil {
		// Through a link to where initdb is.
		if real, err := filepath.EvalSymlinks(path); err == nil {
			dirs = append(dirs, filepath.Dir(real))
		}
	}
	if out, err := exec.CommandContext(ctx, "pg_config", "--bindir").Output(); err == nil {
		dirs = append(dirs, strings.TrimSpace(string(out)))
	}
	for _, pattern := range binDirPatterns {
		matches, _ := filepath.Glob(pattern) // the only error is a bad pattern
		dirs = append(dirs, matches...)
	}
	return dirs
}

var versionPattern = lazyre.New(`\(PostgreSQL\) (\d+)(?:\.(\d+))?`)

// serverVersion asks the postgres of a directory, which must have an initdb too:
// a package of the client programs alone does not.
func serverVersion(ctx context.Context, dir string) (Version, error) {
	if _, err := exec.LookPath(filepath.Join(dir, "initdb")); err != nil {
		return Version{}, err
	}
	out, err := exec.CommandContext(ctx, filepath.Join(dir, "postgres"), "--version").Output()
	if err != nil {
		return Version{}, err
	}
	match := versionPattern.FindStringSubmatch(string(out))
	if match == nil {
		return Version{}, fmt.Errorf("unknown version %q", strings.TrimSpace(string(out)))
	}
	var v Version
	v.Major, _ = strconv.Atoi(match[1])
	v.Minor, _ = strconv.Atoi(match[2]) // a beta has none
	return v, nil
}
