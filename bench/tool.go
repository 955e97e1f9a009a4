package main

import (
	"fmt"
	"path/filepath"
	"slices"
)

// The pinned competitors. Raise a pin here and the next run installs it
// beside the old one.
const (
	gooseVersion   = "v3.29.0"
	migrateVersion = "v4.20.1"
	ternVersion    = "v2.3.4"
	dbmateVersion  = "2.36.0"
)

// A tool is one runner of migrations: how it is had, how it wants its
// directory, and how it is told to apply it. Nothing else in the bench knows
// one tool from another.
type tool struct {
	name    string
	install func(env installEnv) (binary, error)
	layout  layout
	// args is the command line that applies all of dir to the database at url.
	args func(dir, url string) []string
	// copies says that the tool can run a COPY … FROM STDIN with its data.
	copies bool
	// reference marks an entry that is no migration runner: it takes part
	// only where the others cannot be compared with.
	reference bool
}

// A binary is a tool that has been installed.
type binary struct {
	path    string
	version string
}

func allTools() []tool {
	return []tool{
		{
			name:    "rung",
			install: buildRung,
			layout:  pairLayout,
			copies:  true,
			args: func(dir, url string) []string {
				return []string{"up", "--dir", dir, "--database-url", url}
			},
		},
		{
			name:    "goose",
			install: goInstall("github.com/pressly/goose/v3/cmd/goose", gooseVersion),
			layout:  gooseLayout,
			args: func(dir, url string) []string {
				return []string{"-dir", dir, "postgres", url, "up"}
			},
		},
		{
			name:    "tern",
			install: goInstall("github.com/jackc/tern/v2", ternVersion),
			layout:  ternLayout,
			args: func(dir, url string) []string {
				return []string{"migrate", "--migrations", dir, "--conn-string", url}
			},
		},
		{
			name:    "dbmate",
			install: npmInstallDbmate,
			layout:  dbmateLayout,
			// "up" would first look whether the database must be created, and a
			// dump of the schema is work that nobody else does: neither is asked for.
			args: func(dir, url string) []string {
				return []string{"--url", url, "--migrations-dir", dir, "--no-dump-schema", "migrate"}
			},
		},
		{
			name:    "golang-migrate",
			install: goInstall("github.com/golang-migrate/migrate/v4/cmd/migrate", migrateVersion, "-tags", "postgres"),
			layout:  pairLayout,
			args: func(dir, url string) []string {
				return []string{"-path", dir, "-database", url, "up"}
			},
		},
		{
			name:      "psql",
			install:   findClient("psql"),
			layout:    pairLayout,
			copies:    true,
			reference: true,
			args: func(dir, url string) []string {
				file := filepath.Join(dir, migrationName(1)+".up.sql")
				return []string{"--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--file=" + file, url}
			},
		},
	}
}

// trialTools are rung, psql as the one that goes other ways, and pgbench as
// the table's users.
func trialTools() []tool {
	kept := slices.DeleteFunc(allTools(), func(t tool) bool { return t.name != "rung" && t.name != "psql" })
	return append(kept, tool{name: "pgbench", install: findClient("pgbench"), reference: true})
}

// withoutTools leaves out the tools named, which must exist: a misspelt name
// would otherwise measure what it was meant to leave out.
func withoutTools(tools []tool, names []string) ([]tool, error) {
	drop := map[string]bool{}
	for _, name := range names {
		drop[name] = true
	}
	var kept []tool
	for _, t := range tools {
		if !drop[t.name] {
			kept = append(kept, t)
		}
		delete(drop, t.name)
	}
	for name := range drop {
		return nil, fmt.Errorf("no tool is called %q", name)
	}
	return kept, nil
}
