package catalog

import (
	"embed"
	"io/fs"
	"strings"

	"rung/internal/lazyre"
)

// queries are all that is asked of the catalog, a file each. What several have in
// common is in fragment.
//
//go:embed sql/*.sql sql/fragment/*.sql
var queries embed.FS

// SQL is one of the catalog queries.
func SQL(name string) string {
	text := read("sql/" + name + ".sql")
	text = strings.ReplaceAll(text, ":family", fragment("family"))
	text = strings.ReplaceAll(text, ":size", fragment("size"))
	return options.ReplaceAllString(text, fragment("options"))
}

// options stands for the settings of a column that a user made.
var options = lazyre.New(`:options\(([a-z.]+)\)`)

// fragment is the text of one without the comment above it.
func fragment(name string) string {
	text := read("sql/fragment/" + name + ".sql")
	for strings.HasPrefix(text, "--") {
		_, text, _ = strings.Cut(text, "\n")
	}
	return strings.TrimSpace(text)
}

func read(name string) string {
	text, err := queries.ReadFile(name)
	if err != nil {
		panic(err) // it is embedded: a name that is not there cannot have been tested
	}
	return string(text)
}

// Queries are the names of all of them.
func Queries() []string {
	files, err := fs.Glob(queries, "sql/*.sql")
	if err != nil {
		panic(err) // the pattern is a constant
	}
	for i, f := range files {
		files[i] = strings.TrimSuffix(strings.TrimPrefix(f, "sql/"), ".sql")
	}
	return files
}
