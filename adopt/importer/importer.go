// Package importer turns the files of other migration tools into pairs of
// rung's. It reads an fs.FS and hands back texts: it writes nothing. Each
// format is one record of tools, with a parser in a file of its own.
//
// It follows the tools' own rules for where a marker counts, not SQL's: a
// marker in a string is one to them. What cannot become SQL that does the same
// is refused by file and line, and all of it at once.
package importer

import (
	"cmp"
	"fmt"
	"io/fs"
	"reflect"
	"slices"
	"strings"

	"rung/runner"
)

// Options is how to read a directory.
type Options struct {
	// From is the tool's name. Defaults to the one that the files tell.
	From string
	// Except are files to leave out, as paths below the directory. Defaults to none.
	Except []string
	// Values are put in where the tool puts one in when it runs a file, by name. Defaults
	// to none: such a place is refused.
	Values map[string]string
}

// tool is one format.
type tool struct {
	name string
	// tier ranks how sure the sign is: of the tools that a directory has the
	// sign of, only those of the lowest tier are meant.
	tier int
	// sign reports whether the files are this tool's.
	sign func(d *directory) bool
	// read adds each migration to the reader, with what is wrong.
	read func(r *reader)
}

// The tiers: by what a file says, by a layout that is this tool's, by names.
const (
	byMarker = iota
	byLayout
	byName
)

// tools are in the order in which they are listed.
var tools = []tool{
	{"goose", byMarker, isGoose, readGoose},
	{"dbmate", byMarker, isDbmate, readDbmate},
	{"flyway", byLayout, isFlyway, readFlyway},
	{"tern", byMarker, isTern, readTern},
	{"node-pg-migrate", byMarker, isNodePgMigrate, readNodePgMigrate},
	{"sql-migrate", byMarker, isSQLMigrate, readSQLMigrate},
	{"sqlx", byName, isSQLx, readSQLx},
	{"diesel", byLayout, isDiesel, readDiesel},
	{"prisma", byLayout, isPrisma, readPrisma},
	{"supabase", byName, isSupabase, readSupabase},
	{"drizzle", byMarker, isDrizzle, readDrizzle},
	{"sqitch", byMarker, isSqitch, readSqitch},
	{"refinery", byLayout, isRefinery, readRefinery},
	{"graphile-migrate", byMarker, isGraphile, readGraphile},
}

// Tools are the names of the formats.
func Tools() []string {
	names := make([]string, len(tools))
	for i, t := range tools {
		names[i] = t.name
	}
	return names
}

// Import reads the files of a directory. Label is put before their paths in
// messages. The error is a *runner.BadFilesError with all that is wrong with them,
// or a *runner.RefusalError.
func Import(fsys fs.FS, label string, o Options) (*Result, error) {
	d, err := open(fsys, label, o.Except)
	if err != nil {
		return nil, err
	}
	candidates := recognise(d)
	if o.From != "" {
		candidates = slices.DeleteFunc(slices.Clone(tools), func(t tool) bool { return t.name != strings.ToLower(o.From) })
		if len(candidates) == 0 {
			return nil, &runner.RefusalError{Reason: fmt.Sprintf("there is no tool %q to import from", o.From), Hint: "known are " + strings.Join(Tools(), ", ")}
		}
	}
	if len(candidates) == 0 {
		return nil, unknown(d)
	}
	return oneOf(d, candidates, o.Values)
}

// recognise are the tools whose files they may be.
func recognise(d *directory) (found []tool) {
	for _, t := range tools {
		if t.sign(d) {
			found = append(found, t)
		}
	}
	if len(found) == 0 {
		return nil
	}
	best := slices.MinFunc(found, func(a, b tool) int { return cmp.Compare(a.tier, b.tier) }).tier
	return slices.DeleteFunc(found, func(t tool) bool { return t.tier != best })
}

func unknown(d *directory) error {
	if d.hasPairs() {
		return &runner.RefusalError{Reason: d.label + " holds pairs of .up.sql and .down.sql files already, as golang-migrate and rung name them", Hint: "run them where they are: `rung up --dir " + d.label + "`"}
	}
	return &runner.RefusalError{
		Reason: d.label + " holds no files of a tool that rung can import from",
		Hint:   "name the folder that holds the files themselves, or the tool with --from: " + strings.Join(Tools(), ", "),
	}
}

// oneOf reads the files as those of each tool. Where all give the same, it does
// not matter whose they are.
func oneOf(d *directory, candidates []tool, values map[string]string) (*Result, error) {
	result, err := readAs(d, candidates[0], values)
	for _, t := range candidates[1:] {
		other, otherErr := readAs(d, t, values)
		if err == nil && otherErr == nil && reflect.DeepEqual(result.Pairs, other.Pairs) && reflect.DeepEqual(result.Notes, other.Notes) {
			continue
		}
		names, flags := []string{}, []string{}
		for _, t := range candidates {
			names, flags = append(names, t.name), append(flags, "--from "+t.name)
		}
		return nil, &runner.RefusalError{
			Reason: d.label + " may be a directory of " + strings.Join(names, " or ") + ", which read its files differently",
			Hint:   "say whose they are: " + strings.Join(flags, " or "),
		}
	}
	return result, err
}

// readAs reads the files as those of one tool.
func readAs(d *directory, t tool, values map[string]string) (*Result, error) {
	r := &reader{directory: d, read: map[string]bool{}, result: &Result{Tool: t.name}, values: values, names: map[string]bool{}}
	t.read(r)
	r.finish()
	if len(r.problems) > 0 {
		return nil, &runner.BadFilesError{Problems: r.problems}
	}
	if len(r.result.Pairs) == 0 {
		return nil, &runner.RefusalError{Reason: fmt.Sprintf("%s holds no migration of %s", d.label, t.name), Hint: "name the folder that holds the files themselves"}
	}
	return r.result, r.mustUse()
}
