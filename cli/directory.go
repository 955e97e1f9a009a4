package cli

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"unicode/utf8"

	ucli "github.com/urfave/cli/v2"

	"rung/cli/internal/show"
	"rung/runner"
)

// load reads the directory that the flags name.
func (t *terminal) load(c *ucli.Context) (d *runner.Directory, err error) {
	if t.member != nil {
		d, err = t.member.load() // once for all
	} else {
		d, err = loadDirectories(c)
	}
	if err != nil {
		return nil, err
	}
	t.directory, t.skipped, t.titles = d, d.Skipped, titlesWidth(d)
	t.heed(d.Warnings)
	t.problems = d.Problems
	return d, nil
}

// widestTitle is what one long name may cost the lines of all others.
const widestTitle = 50

// titlesWidth is how wide a column of the migrations' titles is.
func titlesWidth(d *runner.Directory) (width int) {
	for _, m := range d.Migrations {
		width = max(width, utf8.RuneCountInString(m.Title()))
	}
	return min(width, widestTitle)
}

// heed takes these for the directory's warnings, beside the files that are ignored.
func (t *terminal) heed(warnings []runner.Problem) {
	t.warnings = slices.Concat(t.skipped, warnings)
}

// mostSkipped is how many files that are not run are named by commands that
// are not there to check.
const mostSkipped = 10

// warnFiles says what is odd in the directory. Files that are not run
// because of their names are always worth a warning; the rest is said by the
// commands that are there to check, and by others with --verbose, which leave a
// missing down file to those: it says nothing of what they run.
func (t *terminal) warnFiles(d *runner.Directory, all bool) {
	if t.member != nil {
		return // said once, for all targets
	}
	warnings := t.warnings
	if !all && t.verbose {
		warnings, all = slices.Concat(t.skipped, exceptMissingDowns(d)), true
	}
	for i, p := range warnings {
		switch {
		case i >= len(d.Skipped) && !all:
			return
		case i == mostSkipped && i < len(d.Skipped) && !all:
			t.warn(runner.Problem{File: d.Label, What: fmt.Sprintf("%d more files are ignored because of their names", len(d.Skipped)-mostSkipped), Fix: "`rung validate` names them"})
			return
		}
		t.warn(p)
	}
}

// exceptMissingDowns are a directory's warnings but for those of missing down files.
func exceptMissingDowns(d *runner.Directory) []runner.Problem {
	return d.WarningsBeside(func(runner.Version) bool { return true })
}

// warnProblems says what is wrong with files that a command does not run; err is its
// error, which names those that it would.
func (t *terminal) warnProblems(err error) {
	if t.member != nil {
		return
	}
	bad := &runner.BadFilesError{}
	errors.As(err, &bad)
	for _, p := range t.problems {
		if !slices.Contains(bad.Problems, p) {
			t.warn(p)
		}
	}
}

// warn prints a problem that stops nothing.
func (t *terminal) warn(p runner.Problem) {
	switch {
	case t.quiet:
	case t.logJSON:
		t.logger(slog.LevelInfo).Warn(p.String(), "event", "problem", "data", p)
	default:
		fmt.Fprintln(t.err, show.Text("warning: %s", p))
	}
}
