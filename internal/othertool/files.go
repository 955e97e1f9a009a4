// Package othertool recognises what other migration tools leave behind: their
// files in a directory, and their history in a database. It knows no more of
// them than it takes to name them.
package othertool

import (
	"bufio"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"rung/internal/lazyre"
)

// Files says whose files a directory holds.
type Files struct {
	// Tool is its name, or several names where their files look alike.
	Tool string
	// What says what was seen, as the end of a sentence.
	What string
	// program is true where the files are code, which cannot become SQL.
	program bool
}

// Hint is what the user can do about it.
func (f *Files) Hint(dir string) string {
	if f.program {
		return "they are programs, so they cannot be imported: dump the schema into a first migration, and record it on the databases that have it with `rung baseline --to 1`"
	}
	return fmt.Sprintf("`rung import %s --dir NEW` turns them into pairs, in the directory NEW; is --dir right?", dir)
}

// fileSign is how to know a tool by one file: by its path below the directory,
// or by a line that it holds.
type fileSign struct {
	tool    string
	path    *lazyre.Regexp
	line    *lazyre.Regexp // nil where the path is enough
	program bool
}

var sqlFile = lazyre.New(`(?i)^[^/]+\.sql$`)

// fileSigns are in order: what a tool says in its files decides before what
// they are called.
var fileSigns = []fileSign{
	{tool: "goose", path: sqlFile, line: lazyre.New(`(?i)^--\s*\+goose\s`)},
	{tool: "dbmate", path: sqlFile, line: lazyre.New(`^--\s*migrate:(?:up|down)\b`)},
	{tool: "sql-migrate", path: sqlFile, line: lazyre.New(`^-- \+migrate (?:Up|Down)\b`)},
	{tool: "tern", path: sqlFile, line: lazyre.New(`^---- create above / drop below ----`)},
	{tool: "node-pg-migrate", path: sqlFile, line: lazyre.New(`(?i)^\s*--[\s-]*(?:up|down)\s+migration`)},
	{tool: "graphile-migrate", path: lazyre.New(`^(?:committed/)?\d{6}[^/]*\.sql$`), line: lazyre.New(`^--! Previous:`)},
	{tool: "Flyway or refinery", path: lazyre.New(`^(?:[^/]+/)?[VUR][0-9._]*__[^/]+\.sql$`)},
	{tool: "drizzle", path: lazyre.New(`^meta/_journal\.json$`)},
	{tool: "Prisma", path: lazyre.New(`^(?:migration_lock\.toml|[^/]+/migration\.sql)$`)},
	{tool: "diesel", path: lazyre.New(`^[^/]+/up\.sql$`)},
	{tool: "sqitch", path: lazyre.New(`^(?:sqitch\.plan|deploy/[^/]+\.sql)$`)},
	{tool: "Rails", path: lazyre.New(`^\d+_\w+\.rb$`), program: true},
	{tool: "Alembic or Django", path: lazyre.New(`^(?:versions/)?[^/_][^/]*\.py$`), program: true},
	{tool: "knex, TypeORM or node-pg-migrate", path: lazyre.New(`^\d+[_-][^/]+\.(?:js|ts|cjs|mjs)$`), program: true},
	{tool: "sqlx or Supabase", path: lazyre.New(`^\d+_[^/]+\.sql$`)},
}

// mostLooks is how many files are opened for a line of theirs.
const mostLooks = 20

// OfFiles says whose files are in a directory without migrations of rung's
// kind, or returns nil.
func OfFiles(dir fs.FS) *Files {
	paths := shallow(dir)
	for _, sign := range fileSigns {
		looks := 0
		for _, p := range paths {
			if !sign.path.MatchString(p) {
				continue
			}
			if sign.line != nil {
				if looks++; looks > mostLooks {
					break
				}
				if !hasLine(dir, p, sign.line) {
					continue
				}
			}
			return &Files{Tool: sign.tool, What: fmt.Sprintf("%s looks like one of %s", p, sign.tool), program: sign.program}
		}
	}
	return nil
}

// shallow are the files of a directory and of the folders right below it.
func shallow(dir fs.FS) (paths []string) {
	entries, _ := fs.ReadDir(dir, ".") // one that cannot be read has no files
	for _, e := range entries {
		if !e.IsDir() {
			paths = append(paths, e.Name())
			continue
		}
		below, _ := fs.ReadDir(dir, e.Name())
		for _, b := range below {
			if !b.IsDir() && !strings.HasPrefix(e.Name(), ".") {
				paths = append(paths, path.Join(e.Name(), b.Name()))
			}
		}
	}
	return paths
}

// hasLine reports whether a line near the top of a file matches.
func hasLine(dir fs.FS, name string, line *lazyre.Regexp) bool {
	info, err := fs.Stat(dir, name)
	if err != nil || !info.Mode().IsRegular() {
		return false
	}
	f, err := dir.Open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for n := 0; n < 200 && lines.Scan(); n++ {
		if line.MatchString(strings.TrimRight(lines.Text(), "\r")) {
			return true
		}
	}
	return false
}
