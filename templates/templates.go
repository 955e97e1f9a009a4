// Package templates writes the SQL that teams get wrong by hand: backfills,
// new NOT NULL columns, enum changes. A template is an SQL file with a head
// that says what it does; what it writes are plain migration files, for people
// to review and commit. The runner knows nothing of templates.
//
// A built-in template looks at the schema first (catalog.go), so that the SQL
// fits the real table; one that a team adds works from its parameters alone.
package templates

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"

	"rung/internal/pgtext"
)

//go:embed sql/*.sql sql/direct/*.sql
var builtIn embed.FS

// Template is one entry of the catalogue.
type Template struct {
	Name string
	// Purpose is one line; Locks, Steps and Example are paragraphs for a person.
	Purpose, Locks, Steps, Example string
	Params                         []Param
	body                           string
	// direct are the bodies of the direct way, from sql/direct; "" where there is none.
	direct string
	// above is the number of lines over the body in its file.
	above int
	// look reads the schema and works out what the body needs. Nil for a
	// team's own template.
	look lookFunc
}

// Param is a parameter that a template takes.
type Param struct {
	Name     string
	Usage    string
	Optional bool
}

// lookFunc turns parameters into the body's data, by what the schema says. It
// reports what it found and what will be locked, in lines for a person.
type lookFunc func(ctx context.Context, in *Input) (data map[string]any, err error)

// Input is what a template works from.
type Input struct {
	// Name is the migration's name, for what needs a name of its own.
	Name   string
	Params map[string]string
	// DB is the schema to look at; nil for --offline.
	DB *Catalog
	// Report gathers what the template found and decided, for stderr.
	Report []string
	// Unseen is what a template would have looked at, for the head of what it
	// writes --offline.
	Unseen []string
	// Written are the up files of the directory, for a template that continues
	// what another one wrote.
	Written []Written
	// Ask puts a question that a person answers by yes or no; nil where nobody can.
	Ask func(question string) (yes bool, err error)
	// Instead, when set by look, is the template that does it: a strategy.
	Instead string
	// counted is true when the report has numbers of rows, rewritten when it has
	// the size of what a lock waits for.
	counted, rewritten bool
	// limit is up to which size of its table a direct file begins.
	limit int64
}

// Sayf adds a line to the report.
func (in *Input) Sayf(format string, args ...any) {
	in.Report = append(in.Report, fmt.Sprintf(format, args...))
}

// unseen notes what --offline nobody has made sure of.
func (in *Input) unseen(format string, args ...any) {
	if in.DB == nil {
		in.Unseen = append(in.Unseen, fmt.Sprintf(format, args...))
	}
}

// File is one pair that a template writes.
type File struct {
	// Suffix is added to the migration's name where a template writes several
	// pairs; "" for the only one.
	Suffix   string
	Up, Down string
}

// Set is the catalogue: the built-in templates, and a team's own over them.
type Set map[string]*Template

// Load reads the catalogue. Own is a team's folder, or nil.
func Load(own fs.FS) (Set, error) {
	set := Set{}
	if err := set.add(builtIn, "sql"); err != nil {
		return nil, err
	}
	if own != nil {
		if err := set.add(own, "."); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	return set, nil
}

func (set Set) add(fsys fs.FS, dir string) error {
	names, err := fs.Glob(fsys, dir+"/*.sql")
	if err != nil {
		return err
	}
	for _, name := range names {
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return fmt.Errorf("read template %s: %w", name, err)
		}
		t, err := parse(strings.TrimSuffix(name[strings.LastIndexByte(name, '/')+1:], ".sql"), string(text))
		if err != nil {
			return &Mistake{fmt.Sprintf("template %s: %s", name, err), "`rung templates backfill` shows what a head says"}
		}
		if fsys == fs.FS(builtIn) {
			t.look = looks[t.Name]
			t.direct = readDirect(t.Name)
		}
		set[t.Name] = t
	}
	return nil
}

// Names lists the catalogue in order.
func (set Set) Names() []string {
	names := make([]string, 0, len(set))
	for name := range set {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Find returns a template, or an error with the likeliest name.
func (set Set) Find(name string) (*Template, error) {
	if t := set[name]; t != nil {
		return t, nil
	}
	return nil, unknown("template", name, set.Names())
}

// Expand writes a template's files. With in.DB nil it works from the
// parameters alone, as far as the template can.
func (set Set) Expand(ctx context.Context, name string, in *Input) ([]File, error) {
	t, err := set.Find(name)
	if err != nil {
		return nil, err
	}
	files, err := set.expand(ctx, name, in, order{t, maps.Clone(in.Params)})
	if in.DB != nil {
		err = firstOf(err, in.DB.end(ctx))
	}
	return files, err
}

// order is what a person asked for; a strategy may carry it out.
type order struct {
	*Template
	given map[string]string
}

func (set Set) expand(ctx context.Context, name string, in *Input, asked order) ([]File, error) {
	t, err := set.Find(name)
	if err != nil {
		return nil, err
	}
	if err := t.check(in.Params); err != nil {
		return nil, err
	}
	data := map[string]any{}
	for _, p := range t.Params {
		data[p.Name] = in.Params[p.Name]
	}
	if t.look != nil {
		found, err := t.look(ctx, in)
		if err != nil {
			return nil, err
		}
		if in.Instead != "" && in.Instead != name {
			next := in.Instead
			in.Instead = ""
			return set.expand(ctx, next, in, asked)
		}
		for k, v := range found {
			data[k] = v
		}
	}
	in.sayThrowaway(asked.Name, name)
	return t.render(asked.head(name, in), data)
}

// expressions are the parameters that stand in the files as they are.
var expressions = []string{"value", "where", "default", "back"}

// ownQuotes are the dollar quotes that templates write.
var ownQuotes = regexp.MustCompile(`\$(check|function)\$`)

// check refuses parameters that the template does not take, or lacks.
func (t *Template) check(given map[string]string) error {
	var known []string
	for _, p := range t.Params {
		known = append(known, p.Name)
	}
	// A name that is not known first: it may be the one that is missing, misspelt.
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if !slices.Contains(known, name) {
			return unknown("parameter of template "+t.Name, name, known)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		// Labels of an enum are written otherwise.
		if m := ownQuotes.FindString(given[name]); m != "" && t.look != nil && !strings.Contains(t.Name, "enum") {
			return refusef("%s=%s has %s in it, which the files have around their functions", name, given[name], m)
		}
		// What comes behind it on its line would be lost.
		if before, _, _ := pgtext.CutOutsideQuotes(given[name], "--"); slices.Contains(expressions, name) && before != given[name] && t.look != nil {
			return &Mistake{fmt.Sprintf("%s=%s has a comment in it", name, given[name]), "leave it out, or write it as /* … */"}
		}
	}
	for _, p := range t.Params {
		if _, ok := given[p.Name]; !ok && !p.Optional {
			return &Mistake{fmt.Sprintf("template %s needs %s: %s", t.Name, p.Name, p.Usage), "give it by --set " + p.Name + "=…"}
		}
	}
	return nil
}

// takes reports whether the template has a parameter.
func (t *Template) takes(name string) bool {
	return t != nil && slices.ContainsFunc(t.Params, func(p Param) bool { return p.Name == name })
}

// Mistake is input that a template cannot work with, and the fix.
type Mistake struct{ What, Hint string }

func (m *Mistake) Error() string { return m.What }

// Refusef is a Mistake without a hint.
func refusef(format string, args ...any) error { return &Mistake{What: fmt.Sprintf(format, args...)} }

// unknown is the Mistake of a name that is not there, with the likeliest one.
func unknown(kind, name string, known []string) error {
	return &Mistake{fmt.Sprintf("there is no %s %q", kind, name), hint(name, known)}
}

// hint says which of the known names is meant, most likely.
func hint(name string, known []string) string {
	best, at := "", 1+len([]rune(name))/2 // further away is no likeness
	for _, k := range known {
		if d := pgtext.Distance(name, k); d < at || d == at && best == "" {
			best, at = k, d
		}
	}
	switch {
	case strings.HasPrefix(best, `"`) && !strings.HasPrefix(name, `"`):
		return fmt.Sprintf("did you mean %s, in double quotes?", best)
	case best != "":
		return fmt.Sprintf("did you mean %s?", best)
	case len(known) > 0:
		return "known are " + strings.Join(known, ", ")
	}
	return ""
}
