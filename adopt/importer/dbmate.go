package importer

import (
	"slices"
	"strings"

	"rung/internal/lazyre"
)

var (
	dbmateName = lazyre.New(`^(\d+)(.*)\.sql$`)
	dbmateUp   = lazyre.New(`^--\s*migrate:up(\s*$|\s+\S+)`)
	dbmateDown = lazyre.New(`^--\s*migrate:down(\s*$|\s+\S+)`)
	dbmateLike = lazyre.New(`(?i)^\s*--\s*migrate:(?:up|down)\b`)
)

func isDbmate(d *directory) bool { return d.anyLine(dbmateLike) }

func readDbmate(r *reader) {
	for _, p := range r.root() {
		if m := dbmateName.FindStringSubmatch(p); m != nil {
			f := &dbmateFile{r: r, s: r.open(p), up: &Text{}}
			f.parse()
			r.add(Pair{Version: m[1], Name: strings.TrimLeft(m[2], "_-. "), Sources: []string{p}, Up: f.up, Down: f.down})
		}
	}
	r.inOrderOf(func(p Pair) string { return p.Sources[0] })
}

type dbmateFile struct {
	r        *reader
	s        *source
	up, down *Text
	// upAt and downAt are the markers' lines, from 1.
	upAt, downAt       int
	upAlone, downAlone bool // transaction:false
}

func (f *dbmateFile) refuse(line int, what, fix string) { f.r.refuse(f.s.path, line, what, fix) }

func (f *dbmateFile) parse() {
	if f.s.err != nil {
		return
	}
	if f.s.bom {
		f.refuse(1, "begins with a byte order mark, which dbmate refuses: it never ran there", "save the file without it")
	}
	above := 0 // the first line of SQL above the up
	for i, text := range f.s.lines {
		switch {
		case dbmateUp.MatchString(text):
			f.markUp(i+1, text)
		case dbmateDown.MatchString(text):
			f.markDown(i+1, text)
		case dbmateLike.MatchString(text):
			f.refuse(i+1, "is no marker to dbmate: it stands at the start of the line, in lower case", "write it so, or reword the comment")
		default:
			if f.upAt == 0 && above == 0 && isStatementLine(text) {
				above = i + 1
			}
			f.section().add(f.s, i)
		}
	}
	if f.upAt > 0 && above > 0 {
		f.refuse(above, "stands above `-- migrate:up`, where dbmate runs nothing", "move it below")
	}
	switch {
	case f.upAt == 0:
		f.refuse(0, "has no `-- migrate:up`", "write one, or leave the file out with --except")
	case f.downAt == 0:
		f.refuse(0, "has no `-- migrate:down`, which dbmate demands: it never ran there", "write one")
	}
	if f.upAlone {
		f.up.noTransaction()
	}
	if f.downAlone && f.down != nil {
		f.down.noTransaction()
	}
}

func (f *dbmateFile) section() *Text {
	if f.down != nil {
		return f.down
	}
	return f.up
}

func (f *dbmateFile) markUp(line int, text string) {
	if f.upAt > 0 {
		f.refuse(line, "a second `-- migrate:up`, of which dbmate cannot record the version", "make it a file of its own")
		return
	}
	f.upAt, f.upAlone = line, f.alone(line, text)
}

func (f *dbmateFile) markDown(line int, text string) {
	switch {
	case f.upAt == 0:
		f.refuse(line, "`-- migrate:down` stands above `-- migrate:up`", "write the up first")
	case f.downAt > 0:
		f.refuse(line, "a second `-- migrate:down`", "keep one")
	}
	f.downAt, f.down, f.downAlone = line, &Text{}, f.alone(line, text)
}

// alone reads the options of a marker, and reports whether they switch the
// transaction off.
func (f *dbmateFile) alone(line int, text string) bool {
	_, options, _ := strings.Cut(text, "migrate:")
	words := strings.Fields(options)[1:]
	for _, w := range words {
		if w != "transaction:false" && w != "transaction:true" {
			f.refuse(line, "option "+w+" means nothing to dbmate", "take it out")
		}
	}
	return slices.Contains(words, "transaction:false")
}
