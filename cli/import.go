package cli

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	ucli "github.com/urfave/cli/v2"

	"rung/adopt/importer"
	"rung/cli/internal/cmdline"
	"rung/cli/internal/fault"
	"rung/cli/internal/show"
	"rung/proof"
	"rung/runner"
)

func importCommand(t *terminal) *ucli.Command {
	return &ucli.Command{
		Name:  "import",
		Usage: "turn another tool's migration files into pairs",
		UsageText: cmdline.Examples(
			"rung import db/migrations --print", "show what the pairs would be",
			"rung import db/migrations --dir sql", "write them into sql",
			"rung import flyway --set app=shop", "where Flyway has ${app}, write shop",
		),
		ArgsUsage:   "DIR",
		Description: "Reads the files of " + strings.Join(importer.Tools(), ", ") + " in DIR and writes pairs into --dir, with the versions that the tool records. What cannot become equivalent SQL is refused by file and line, all at once; then nothing is written. Never overwrites a file, and does not change DIR. Needs no database.",
		Flags: []ucli.Flag{
			&ucli.StringFlag{Name: "from", Usage: "the `TOOL` whose files they are (without it: detected from the files)"},
			&ucli.StringSliceFlag{Name: "except", Usage: "leave out this `FILE` of DIR; may be given several times"},
			&ucli.StringSliceFlag{Name: "set", Usage: "give a placeholder of goose (ENVSUB), flyway, tern or graphile-migrate its value in production, `NAME=VALUE`; may be given several times"},
			&ucli.BoolFlag{Name: "print", Usage: "print the files instead of writing them"},
			&ucli.StringFlag{Name: "check", Usage: "prove the pairs first: run the other tool with this shell `COMMAND` on an empty database of a throwaway PostgreSQL (its DATABASE_URL), and the pairs on another; if the schemas differ, nothing is written"},
		},
		Action: t.importFiles,
	}
}

type jsonImport struct {
	jsonResult
	Tool     string           `json:"tool"`
	Imported []jsonImported   `json:"imported"`
	Notes    []runner.Problem `json:"notes"`
	// Checked is true where --check found the schemas equal.
	Checked     bool                     `json:"checked"`
	Differences []proof.LadderDifference `json:"differences"`
}

type jsonImported struct {
	Version string   `json:"version"`
	Was     string   `json:"was,omitempty"`
	Sources []string `json:"sources"`
	Up      string   `json:"up"`
	Down    string   `json:"down,omitempty"`

	irreversible bool
}

func (t *terminal) importFiles(c *ucli.Context) error {
	if c.NArg() != 1 {
		return fault.Usagef("write it like `rung import db/migrations --dir sql`", "import takes the directory of the other tool's files")
	}
	from, to := strings.TrimSuffix(c.Args().First(), "/"), directories(c)[0]
	if sameDirectory(from, to) && !c.Bool("print") {
		return fault.Usagef("name a new directory: `rung import "+from+" --dir NEW`", "%s is also the directory to write into, and there the other tool would read the pairs as its own files", from)
	}
	o := &jsonImport{Imported: []jsonImported{}, Notes: []runner.Problem{}, Differences: []proof.LadderDifference{}}
	values, err := importValues(c.StringSlice("set"))
	if err != nil {
		return err
	}
	result, err := importer.Import(os.DirFS(from), from, importer.Options{From: c.String("from"), Except: c.StringSlice("except"), Values: values})
	if err != nil {
		return t.failWith(o, err)
	}
	o.Tool, o.Notes = result.Tool, show.List(result.Notes)
	files := importedFiles(o, result, from, to)
	for _, n := range result.Notes {
		t.warn(n)
	}
	if c.Bool("print") {
		for _, f := range files {
			t.sayRaw("-- " + f.Path + "\n" + f.Text)
		}
		return t.finish(o)
	}
	if err := versionsFree(c, result, from); err != nil {
		return t.failWith(o, err)
	}
	if command := c.String("check"); command != "" {
		if err := t.checkImport(c, o, files, to, command); err != nil {
			return t.failWith(o, err)
		}
	}
	if err := writeAll(files); err != nil {
		return t.failWith(o, err)
	}
	t.importText(o, to)
	return t.finish(o)
}

// importValues are those of --set, by name.
func importValues(sets []string) (map[string]string, error) {
	values := map[string]string{}
	for _, set := range sets {
		name, value, ok := strings.Cut(set, "=")
		if _, twice := values[name]; !ok || twice {
			return nil, fault.Usagef("write it once for each name: --set app_role=shop", "--set %s has no =, or its name is given twice", set)
		}
		values[name] = value
	}
	return values, nil
}

// sameDirectory reports whether two paths are one directory.
func sameDirectory(a, b string) bool {
	infoA, errA := os.Stat(a)
	infoB, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(infoA, infoB)
}

// importedFiles are the files to write.
func importedFiles(o *jsonImport, result *importer.Result, from, to string) (files []newFile) {
	for _, p := range result.Pairs {
		base := filepath.Join(to, p.Version+"_"+p.Name)
		i := jsonImported{Version: p.Version, Was: p.Was, Up: base + ".up.sql", irreversible: p.Irreversible || p.Down == nil}
		for _, s := range p.Sources {
			i.Sources = append(i.Sources, filepath.Join(from, filepath.FromSlash(s)))
		}
		files = append(files, newFile{i.Up, p.Up.String()})
		if p.Down != nil {
			i.Down = base + ".down.sql"
			files = append(files, newFile{i.Down, p.Down.String()})
		}
		o.Imported = append(o.Imported, i)
	}
	return files
}

// versionsFree refuses versions that the directories have already.
func versionsFree(c *ucli.Context, result *importer.Result, from string) error {
	taken := map[runner.Version]string{}
	for _, dir := range directories(c) {
		entries, err := os.ReadDir(dir)
		if err != nil && !os.IsNotExist(err) {
			return fmt.Errorf("read directory %s: %w", dir, err)
		}
		for _, e := range entries {
			if n, ok := runner.ParseFileName(e.Name()); ok {
				taken[n.Version] = filepath.Join(dir, e.Name())
			}
		}
	}
	bad := &runner.BadFilesError{}
	for _, p := range result.Pairs {
		v, err := runner.ParseVersion(p.Version)
		if err != nil {
			return err
		}
		if file := taken[v]; file != "" {
			bad.Problems = append(bad.Problems, runner.Problem{
				File: filepath.Join(from, filepath.FromSlash(p.Sources[0])), What: fmt.Sprintf("version %s is already used by %s", p.Version, file),
				Fix: "import into another directory with --dir, or remove that file",
			})
		}
	}
	if len(bad.Problems) > 0 {
		return bad
	}
	return nil
}

// checkImport applies the old files by the other tool and the pairs by rung,
// and compares the schemas.
func (t *terminal) checkImport(c *ucli.Context, o *jsonImport, files []newFile, to, command string) error {
	tmp, err := os.MkdirTemp("", "rung-import-")
	if err != nil {
		return fmt.Errorf("make a directory to check in: %w", err)
	}
	defer os.RemoveAll(tmp)
	staged := make([]newFile, len(files))
	for i, f := range files {
		staged[i] = newFile{filepath.Join(tmp, filepath.Base(f.Path)), f.Text}
	}
	if err := writeAll(staged); err != nil {
		return err
	}
	dir, err := runner.Load(os.DirFS(tmp), to)
	if err != nil {
		return err
	}
	other := exec.CommandContext(c.Context, "sh", "-c", command)
	other.Stdout, other.Stderr = t.err, t.err // stdout is for the result
	found, err := proof.CompareLadders(c.Context, proof.LaddersConfig{Dir: dir, Other: other})
	if c.Context.Err() != nil {
		return context.Cause(c.Context)
	}
	if err != nil {
		return err
	}
	o.Differences = show.List(found)
	for _, d := range found {
		t.say("%s", d.What)
		for _, side := range [][2]string{{o.Tool, d.Theirs}, {"rung", d.Ours}} {
			t.say("  %s: %s", side[0], cmp.Or(side[1], "not there"))
		}
	}
	if len(found) > 0 {
		return fmt.Errorf("the schemas differ in %s, and nothing was written: %w", show.Count(len(found), "thing"), fault.ErrFound)
	}
	o.Checked = true
	return nil
}

// importText says which file became which, and what comes next.
func (t *terminal) importText(o *jsonImport, to string) {
	rows, downs := [][]string{}, 0
	for _, i := range o.Imported {
		pair := i.Up
		if i.Down != "" {
			pair += ", .down.sql"
		}
		if !i.irreversible {
			downs++
		}
		rows = append(rows, []string{strings.Join(i.Sources, ", "), pair})
	}
	t.sayTable(rows)
	t.say("imported %s of %s into %s, %d of which can be reverted", show.Count(len(rows), "migration"), o.Tool, to, downs)
	if o.Checked {
		t.say("checked: the schemas that %s and rung create are equal", o.Tool)
	}
	t.note("next: `rung adopt --dir " + to + "` on a database where " + o.Tool + " ran them, `rung up --dir " + to + "` on a new one")
}
