package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	ucli "github.com/urfave/cli/v2"

	"rung/cli/internal/cmdline"
	"rung/cli/internal/fault"
	"rung/internal/english"
	"rung/internal/pgtext"
	"rung/proof"
)

// severityFile is where a team keeps the severities that it has settled on, with
// the reasons: a line each, as --severity takes them.
const severityFile = ".rung-review"

// reviewSeverities are those of the file, and over them those of the flags, or
// of their variable: the same for every command that reviews.
func (t *terminal) reviewSeverities(c *ucli.Context) (map[string]proof.Severity, error) {
	file, err := findSeverityFile(directories(c))
	if err != nil {
		return nil, err
	}
	all := map[string]proof.Severity{}
	if file != "" {
		if all, err = readSeverities(file); err != nil {
			return nil, err
		}
		t.note(fmt.Sprintf("%s sets the severity of %s", file, english.Count(len(all), "finding")))
	}
	given, err := severities(severityValues(c))
	maps.Copy(all, given)
	return all, err
}

// severityValues are the values of --severity, or of its variable, where they have
// commas between; and what to call them.
func severityValues(c *ucli.Context) (where string, values []string) {
	name := cmdline.Variable("review", "severity")
	variable := os.Getenv(name)
	if values = c.StringSlice("severity"); len(values) > 0 && !slices.Equal(values, []string{variable}) {
		return "--severity", values
	}
	return name, slices.DeleteFunc(strings.Split(variable, ","), func(s string) bool { return strings.TrimSpace(s) == "" })
}

// findSeverityFile looks in the first directory of migrations, in the folder that
// it is in, and on up to the root of the repository. It returns "" for none.
func findSeverityFile(dirs []string) (string, error) {
	if len(dirs) == 0 {
		return "", nil
	}
	dir, err := filepath.Abs(dirs[0])
	if err != nil {
		return "", err
	}
	folders := []string{dir, filepath.Dir(dir)}
	for at := dir; at != filepath.Dir(at); at = filepath.Dir(at) {
		if _, err := os.Stat(filepath.Join(at, ".git")); err == nil {
			folders = foldersUpTo(dir, at)
			break
		}
	}
	here, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for _, folder := range folders {
		file := filepath.Join(folder, severityFile)
		if _, err := os.Stat(file); err == nil {
			if short, err := filepath.Rel(here, file); err == nil {
				file = short
			}
			return file, nil
		} else if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrInvalid) {
			return "", fault.Usagef("let rung read it", "read %s: %w", file, err)
		}
	}
	return "", nil
}

// foldersUpTo are a folder and those above it, the last one included.
func foldersUpTo(dir, last string) (all []string) {
	for ; dir != last; dir = filepath.Dir(dir) {
		all = append(all, dir)
	}
	return append(all, last)
}

// readSeverities reads a file with ID=SEVERITY on a line; # begins a comment.
func readSeverities(file string) (map[string]proof.Severity, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fault.Usagef("let rung read it", "read %s: %w", file, err)
	}
	all := map[string]proof.Severity{}
	number := 0
	for line := range strings.Lines(string(text)) {
		number++
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		at := fmt.Sprintf("%s:%d", file, number)
		id, s, err := severityOf(at, line)
		if err != nil {
			return nil, err
		}
		if _, twice := all[id]; twice {
			return nil, fault.Usagef("take one of the lines out", "%s: %s has a severity above already", at, id)
		}
		all[id] = s
	}
	return all, nil
}

// severities reads values as --severity takes them.
func severities(where string, values []string) (map[string]proof.Severity, error) {
	all := map[string]proof.Severity{}
	for _, value := range values {
		id, s, err := severityOf(where, value)
		if err != nil {
			return nil, err
		}
		all[id] = s
	}
	return all, nil
}

// severityOf reads ID=SEVERITY. One for a finding that there is not would
// otherwise silently do nothing. Where says where it stands.
func severityOf(where, text string) (id string, s proof.Severity, err error) {
	id, level, ok := strings.Cut(text, "=")
	id, level = strings.TrimSpace(id), strings.TrimSpace(level)
	if !ok {
		return "", "", fault.Usagef("write it like drop-table=warning", "%s: %q is not ID=SEVERITY", where, text)
	}
	if proof.FindRecord(id) == nil {
		hint := "docs/findings.md lists them"
		if near := pgtext.Nearest(id, proof.FindingIDs(), 3); near != "" {
			hint = "did you mean " + near + "?"
		}
		return "", "", fault.Usagef(hint, "%s: there is no finding %q", where, id)
	}
	if s, err = proof.ParseSeverity(level); err != nil {
		return "", "", fault.Usagef("", "%s: %w", where, err)
	}
	return id, s, nil
}
