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
	for i, text := range s.lines {
		if strings.Contains(text, "{{") {
			r.refuse(s.path, i+1, "tern takes {{ for the start of a template's expression", "put what `tern print-migrations` prints in its place")
		}
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
			part.add(s, i)
		}
	}
	for t := range alone {
		t.noTransaction()
	}
	return up, down
}
