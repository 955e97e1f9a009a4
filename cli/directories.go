package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	ucli "github.com/urfave/cli/v2"

	"rung/cli/internal/cmdline"
	"rung/cli/internal/fault"
	"rung/runner"
)

// directories are those that --dir names; in RUNG_DIR they stand as in PATH.
func directories(c *ucli.Context) []string {
	dirs := c.StringSlice("dir")
	if variable := os.Getenv(cmdline.Variable("", "dir")); len(dirs) == 1 && dirs[0] == variable {
		dirs = slices.DeleteFunc(filepath.SplitList(variable), func(s string) bool { return s == "" })
	}
	return dirs
}

// mustNameDirectories refuses an empty --dir, such as a variable of the deploy's
// that is not set, and one that is named twice.
func mustNameDirectories(c *ucli.Context) error {
	dirs := directories(c)
	if len(dirs) == 0 || slices.Contains(dirs, "") {
		return fault.Usagef("name the directory, or omit --dir and RUNG_DIR for the default, sql", "--dir is empty")
	}
	for i, dir := range dirs {
		if slices.ContainsFunc(dirs[:i], func(before string) bool { return filepath.Clean(before) == filepath.Clean(dir) }) {
			return fault.Usagef("leave one of them out", "--dir names %s twice", filepath.Clean(dir))
		}
	}
	return nil
}

// loadDirectories reads what the flags name.
func loadDirectories(c *ucli.Context) (*runner.Directory, error) {
	var sources []runner.Source
	for _, dir := range directories(c) {
		sources = append(sources, runner.Source{FS: os.DirFS(dir), Label: strings.TrimSuffix(dir, "/")})
	}
	return runner.LoadAll(sources, c.Bool("recursive"))
}
