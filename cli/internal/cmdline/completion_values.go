package cmdline

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"

	ucli "github.com/urfave/cli/v2"

	"rung/adopt"
	"rung/adopt/importer"
	"rung/internal/lazyre"
	"rung/runner"
	"rung/templates"
)

// arguments are the words that a command's first argument may be.
func (l *typedLine) arguments() []string {
	switch l.command.Name {
	case "completion":
		return Shells
	case "templates":
		return l.templates().Names()
	}
	if strings.Contains(l.command.ArgsUsage, "VERSION") {
		return l.versions()
	}
	return nil
}

// valuesOf are the values that a flag takes, as far as they can be listed without
// a database. What kind they are of, the placeholder in its usage tells.
func (l *typedLine) valuesOf(flag string) []string {
	switch l.placeholder(flag) {
	case "VERSION":
		return l.versions()
	case "TEMPLATE":
		return l.templates().Names()
	case "NAME=VALUE":
		return l.parameters()
	case "TOOL":
		if l.command.Name == "adopt" {
			return strings.Split(strings.ToLower(strings.Join(adopt.Tools(), " ")), " ")
		}
		return importer.Tools()
	case "SEVERITY":
		return []string{"notice", "warning", "danger", "error", "off"}
	case "FORMAT":
		return []string{"text", "json"}
	case "WHEN":
		return []string{"auto", "always", "never"}
	}
	if flag == "vacuum" {
		return []string{"auto", "off"}
	}
	return nil
}

// placeholder is the word that stands for a flag's value in its usage.
func (l *typedLine) placeholder(name string) string {
	flags := slices.Clone(l.app.Flags)
	if l.command != nil {
		flags = append(l.command.Flags, flags...)
	}
	for _, f := range flags {
		if doc, ok := f.(ucli.DocGenerationFlag); ok && slices.Contains(f.Names(), name) {
			if m := Placeholder.FindStringSubmatch(doc.GetUsage()); m != nil {
				return m[1]
			}
		}
	}
	return ""
}

// directories are those of the line, or else those that rung would take.
func (l *typedLine) directories() []string {
	if dirs := l.flags["dir"]; len(dirs) > 0 {
		return dirs
	}
	return filepath.SplitList(cmp.Or(os.Getenv(Variable("", "dir")), "sql"))
}

// versions are those of the directory, as their files write them, the newest first.
func (l *typedLine) versions() (digits []string) {
	var names []runner.FileName
	for _, dir := range l.directories() {
		entries, _ := os.ReadDir(dir) // nothing to list where it cannot be read
		for _, e := range entries {
			if n, ok := runner.ParseFileName(e.Name()); ok {
				names = append(names, n)
			}
		}
	}
	slices.SortFunc(names, func(a, b runner.FileName) int { return b.Version.Compare(a.Version) })
	for _, n := range names {
		digits = append(digits, n.Digits)
	}
	return slices.Compact(digits)
}

// templates are those that the line's flags name, or rung's own.
func (l *typedLine) templates() templates.Set {
	dir := filepath.Join(l.directories()[0], "templates")
	if named := l.flags["templates"]; len(named) > 0 {
		dir = named[0]
	}
	set, err := templates.Load(os.DirFS(dir))
	if err != nil { // `rung new` says what is wrong with them
		set, _ = templates.Load(nil)
	}
	return set
}

// parameters are those of the template at hand that the line does not give yet,
// and for a table or a type, its names in the directory's files.
func (l *typedLine) parameters() (out []string) {
	named := l.flags["template"]
	if len(named) == 0 {
		return nil
	}
	tm, err := l.templates().Find(named[0])
	if err != nil {
		return nil
	}
	for _, p := range tm.Params {
		given := func(set string) bool { return strings.HasPrefix(set, p.Name+"=") }
		if slices.ContainsFunc(l.flags["set"], given) {
			continue
		}
		out = append(out, p.Name+"=")
		for _, name := range l.created(p.Name) {
			out = append(out, p.Name+"="+name)
		}
	}
	return out
}

// creating finds the plain names of what a file creates. It is a help for typing:
// a name that it misses can be typed.
var creating = map[string]*lazyre.Regexp{
	"table": lazyre.New(`(?im)^\s*CREATE\s+(?:UNLOGGED\s+)?TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?([a-z_][\w.]*)`),
	"type":  lazyre.New(`(?im)^\s*CREATE\s+TYPE\s+([a-z_][\w.]*)\s+AS\s+ENUM`),
}

// created are the tables or the enum types that the up files create.
func (l *typedLine) created(what string) (names []string) {
	if creating[what] == nil {
		return nil
	}
	for _, dir := range l.directories() {
		files, _ := filepath.Glob(filepath.Join(dir, "*.up.sql"))
		for _, file := range files {
			text, _ := os.ReadFile(file)
			for _, m := range creating[what].FindAllStringSubmatch(string(text), -1) {
				names = append(names, m[1])
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Shells are those that rung completion has a script for.
var Shells = []string{"bash", "zsh", "fish", "powershell"}
