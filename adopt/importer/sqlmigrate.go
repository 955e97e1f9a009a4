package importer

import (
	"slices"
	"strings"

	"rung/internal/lazyre"
)

const sqlMigratePrefix = "-- +migrate "

var (
	sqlMigrateMarker = lazyre.New(`^-- \+migrate `)
	sqlMigrateName   = lazyre.New(`^(\d+)(.*)\.sql$`)
)

func isSQLMigrate(d *directory) bool { return d.anyLine(sqlMigrateMarker) }

func readSQLMigrate(r *reader) {
	for _, p := range r.root() {
		m := sqlMigrateName.FindStringSubmatch(p)
		switch {
		case m != nil:
			f := &sqlMigrateFile{r: r, s: r.open(p), up: &Text{}, block: -1}
			f.parse()
			r.add(Pair{Version: m[1], Name: strings.TrimLeft(m[2], "_-. "), Sources: []string{p}, Up: f.up, Down: f.down})
		case isSQL(p):
			r.open(p)
			r.refuse(p, 0, "has no number at its start, which is sql-migrate's order and rung's version", "number it, or leave it out with --except")
		}
	}
}

type sqlMigrateFile struct {
	r                  *reader
	s                  *source
	up, down, part     *Text // part is the section at hand, nil above the first
	block              int   // where the statement begins in part; -1 outside of one
	upAlone, downAlone bool
}

func (f *sqlMigrateFile) parse() {
	if f.s.err != nil {
		return
	}
	above := 0 // the first line of SQL above the markers
	for i, text := range f.s.lines {
		switch {
		case strings.HasPrefix(text, sqlMigratePrefix):
			f.marker(i+1, strings.Fields(strings.TrimPrefix(text, sqlMigratePrefix)))
		case f.part == nil:
			if f.up.add(f.s, i); above == 0 && isStatementLine(text) {
				above = i + 1
			}
		default:
			f.part.add(f.s, i)
		}
	}
	switch {
	case f.part == nil:
		f.r.refuse(f.s.path, 0, "has no `-- +migrate Up`", "write one, or leave the file out with --except")
	case above > 0:
		f.r.refuse(f.s.path, above, "stands above the first marker, where sql-migrate runs nothing", "move it below, or take it out")
	case f.block >= 0:
		f.r.refuse(f.s.path, len(f.s.lines), "the file ends before `-- +migrate StatementEnd`", "close the statement")
	}
	if f.upAlone {
		f.up.noTransaction()
	}
	if f.downAlone {
		f.down.noTransaction()
	}
}

func (f *sqlMigrateFile) marker(line int, words []string) {
	refuse := func(what, fix string) { f.r.refuse(f.s.path, line, what, fix) }
	command := ""
	if len(words) > 0 {
		command = words[0]
	}
	alone := len(words) > 1 && slices.Contains(words[1:], "notransaction")
	switch {
	case command == "Up":
		f.part, f.upAlone = f.up, f.upAlone || alone
	case command == "Down":
		if f.down == nil {
			f.down = &Text{}
		}
		f.part, f.downAlone = f.down, f.downAlone || alone
	case command == "StatementBegin" && f.part != nil && f.block < 0:
		f.block = len(f.part.lines)
	case command == "StatementEnd" && f.part != nil && f.block >= 0:
		f.part.terminate(f.block)
		f.block = -1
	case command == "StatementBegin", command == "StatementEnd":
		refuse("StatementBegin and StatementEnd are no pair here", "write one of each, below Up or Down")
	default:
		refuse("sql-migrate has no command "+command+" and passes over it", "take the line out")
	}
}
