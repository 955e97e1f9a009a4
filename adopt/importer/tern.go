package importer

import (
	"strings"

	"rung/internal/lazyre"
)

const ternSeparator = "---- create above / drop below ----"

var (
	ternName  = lazyre.New(`^(\d+)_(.+)\.sql$`)
	ternSign  = lazyre.New(`---- create above / drop below ----|^---- tern: disable-tx ----$`)
	ternAlone = lazyre.New(`^---- tern: disable-tx ----\s*$`)
	ternSlots = slots{
		tool: "tern", at: lazyre.New(`(\{\{ *\.(\w+) *\}\})`),
		otherwise: lazyre.New(`\{\{`), fix: "put what `tern print-migrations` prints in its place",
	}
)

func isTern(d *directory) bool {
	return d.anyLine(ternSign) || d.has("tern.conf")
}

func readTern(r *reader) {
	for _, p := range r.root() {
		if m := ternName.FindStringSubmatch(p); m != nil {
			up, down := r.ternFile(r.open(p))
			r.add(Pair{Version: m[1], Name: m[2], Sources: []string{p}, Up: up, Down: down})
		}
	}
}

// ternFile cuts a file at its first separator, wherever it stands.
func (r *reader) ternFile(s *source) (up, down *Text) {
	up = &Text{}
	part, alone := up, map[*Text]bool{}
	for i := range s.lines {
		text := r.fill(s, i, ternSlots)
		before, after, separator := strings.Cut(text, ternSeparator)
		switch {
		case ternAlone.MatchString(text):
			alone[part] = true
		case separator && down == nil:
			if strings.TrimSpace(before) != "" {
				up.addAs(s, i, before)
			}
			down = &Text{}
			if part = down; strings.TrimSpace(after) != "" {
				down.addAs(s, i, after)
			}
		default:
			part.addAs(s, i, text)
		}
	}
	for t := range alone {
		t.noTransaction()
	}
	return up, down
}
