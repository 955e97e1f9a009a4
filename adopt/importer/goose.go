package importer

import (
	"path"
	"strings"

	"rung/internal/lazyre"
)

var (
	gooseName   = lazyre.New(`^(\d+)_(.*)\.sql$`)
	gooseCode   = lazyre.New(`^\d+_.*\.go$`)
	gooseMarker = lazyre.New(`^\s*--.*\+goose`)
	gooseSlots  = slots{
		tool: "goose", at: lazyre.New(`(\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?::?-[^}]*)?\}))`),
		otherwise: lazyre.New(`\$`), fix: "write what goose makes of it (ENVSUB is ON: $$ is $), and take ENVSUB out",
		value: gooseDefault,
	}
)

// gooseDefault is ${NAME:-DEFAULT} where NAME is empty; ${NAME-DEFAULT} is for one that is
// not set, and all are set here.
func gooseDefault(slot, v string) string {
	if _, otherwise, ok := strings.Cut(slot, ":-"); ok && v == "" {
		return strings.TrimSuffix(otherwise, "}")
	}
	return v
}

func isGoose(d *directory) bool { return d.anyLine(gooseMarker) }

func readGoose(r *reader) {
	r.refusePrograms(gooseCode)
	for _, p := range r.root() {
		m := gooseName.FindStringSubmatch(p)
		switch {
		case m == nil:
		case number(m[1]) == "0":
			r.refuse(p, 0, "version 0 is no migration to goose", "give it another number, or leave it out with --except")
		default:
			g := &gooseFile{r: r, s: r.open(p), up: &Text{}}
			g.parse()
			r.add(Pair{Version: m[1], Name: m[2], Sources: []string{p}, Up: g.up, Down: g.down})
		}
	}
}

// gooseFile is goose's line machine (internal/sqlparser/parser.go there).
type gooseFile struct {
	r        *reader
	s        *source
	up, down *Text // down is nil before its marker
	hasUp    bool
	block    int // where the statement begins, from 0, in its text; -1 outside of one
	envsub   bool
	noTx     bool
}

func (g *gooseFile) refuse(i int, what, fix string) { g.r.refuse(g.s.path, i+1, what, fix) }

func (g *gooseFile) parse() {
	if g.s.bom {
		g.refuse(0, "begins with a byte order mark, which goose refuses: it never ran there", "save the file without it")
	}
	g.block = -1
	above := -1 // the first line of SQL above Up
	for i, text := range g.s.lines {
		if gooseMarker.MatchString(text) {
			g.marker(i, text)
			continue
		}
		if g.s.err == nil && !g.hasUp && above < 0 && isStatementLine(text) {
			above = i
		}
		if g.s.err == nil && g.envsub {
			text = g.r.fill(g.s, i, gooseSlots)
		}
		g.section().addAs(g.s, i, text)
	}
	switch {
	case g.s.err != nil:
	case !g.hasUp:
		g.r.refuse(g.s.path, 0, "has no `-- +goose Up`", "write one, or leave the file out with --except")
	case above >= 0:
		g.refuse(above, "stands above `-- +goose Up`", "move it below")
	}
	if g.block >= 0 {
		g.refuse(len(g.s.lines)-1, "the file ends before `-- +goose StatementEnd`", "close the statement")
	}
	if g.noTx {
		g.up.noTransaction()
		if g.down != nil {
			g.down.noTransaction()
		}
	}
}

func (g *gooseFile) section() *Text {
	if g.down != nil {
		return g.down
	}
	return g.up
}

// marker is a comment that names goose: all of them are annotations to it.
func (g *gooseFile) marker(i int, text string) {
	command := strings.ToUpper(strings.TrimSpace(strings.Replace(strings.ReplaceAll(text, "--", ""), "+goose", "", 1)))
	switch {
	case text != strings.TrimLeft(text, " \t"):
		g.refuse(i, "a blank stands before goose's annotation, which goose refuses", "move it to the start of the line")
	case command == "UP" && !g.hasUp:
		g.hasUp = true
	case command == "UP":
		g.refuse(i, "`-- +goose Up` is given twice, or below Down", "keep one, above Down")
	case !g.hasUp && (command == "DOWN" || strings.HasPrefix(command, "STATEMENT")):
		g.refuse(i, "stands above `-- +goose Up`", "move it below")
	case command == "DOWN" && g.down == nil && g.block < 0:
		g.down = &Text{}
	case command == "DOWN":
		g.refuse(i, "`-- +goose Down` is given twice, or inside a statement", "keep one, behind StatementEnd")
	case command == "STATEMENTBEGIN" && g.block < 0:
		g.block = len(g.section().lines)
	case command == "STATEMENTEND" && g.block >= 0:
		g.section().terminate(g.block)
		g.block = -1
	case command == "STATEMENTBEGIN", command == "STATEMENTEND":
		g.refuse(i, "StatementBegin and StatementEnd are no pair here", "write one of each")
	case command == "NO TRANSACTION":
		g.noTx = true
	case command == "ENVSUB ON":
		g.envsub = true
	case command == "ENVSUB OFF":
		g.envsub = false
	default:
		g.refuse(i, "goose has no such annotation, and refuses each comment that names +goose", "reword the comment in "+path.Base(g.s.path))
	}
}
