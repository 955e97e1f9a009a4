// Package templates writes the SQL that teams get wrong by hand: backfills,
// new NOT NULL columns, enum changes. A template is an SQL file with a head
// that says what it does; what it writes are plain migration files, for people
// to review and commit. The runner knows nothing of templates.
//
// A built-in template looks at the schema first (internal/catalog), so that the SQL
// fits the real table; one that a team adds works from its parameters alone.
package templates

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"rung/internal/shell"
	"rung/templates/internal/mistake"
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
	// analysis works out what the body needs; the zero one for a team's own template.
	analysis
}

// Param is a parameter that a template takes.
type Param struct {
	Name     string
	Usage    string
	Optional bool
}

// File is one pair that a template writes.
type File struct {
	// Suffix is added to the migration's name where a template writes several
	// pairs; "" for the only one.
	Suffix   string
	Up, Down string
	// Requires is how many pairs right before this one have a background backfill that
	// must be done before it runs.
	Requires int
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
			return mistake.New(fmt.Sprintf("template %s: %s", name, err), "`rung templates backfill` shows what a head says")
		}
		if fsys == fs.FS(builtIn) {
			t.analysis = registry[t.Name]
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
	return nil, mistake.Unknown("template", name, set.Names())
}

// takes reports whether the template has a parameter.
func (t *Template) takes(name string) bool {
	return t != nil && slices.ContainsFunc(t.Params, func(p Param) bool { return p.Name == name })
}

// Command is the command that gives a template parameters, for a shell.
func (t *Template) Command(name string, given map[string]string) string {
	line := "rung new " + shell.Quote(name) + " --template " + t.Name
	for _, p := range t.Params {
		if value, ok := given[p.Name]; ok {
			line += " --set " + shell.Quote(p.Name+"="+value)
		}
	}
	return line
}
