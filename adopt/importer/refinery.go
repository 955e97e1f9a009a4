package importer

import (
	"strings"

	"rung/internal/lazyre"
	"rung/internal/script"
)

var (
	refineryName = lazyre.New(`^([UV])(\d+)(\.\d+)?__(\w+)\.sql$`)
	refineryCode = lazyre.New(`^[UV]\d+(?:\.\d+)?__\w+\.rs$`)
	flywayOnly   = lazyre.New(`(?:^|/)(?:[RB]|V\d+[._]\d[\d._]*)_?_[^/]+\.sql$|\.sql\.conf$|/V\d+__`)
)

// isRefinery is true of V and U files that Flyway would have too. A U of a V's
// number is an undo of Flyway's: refinery has each number once. A placeholder outside of
// strings and comments is Flyway's too: PostgreSQL has no ${ there.
func isRefinery(d *directory) bool {
	if d.anyPath(flywayOnly) {
		return false
	}
	seen := map[string]string{}
	for _, p := range d.root() {
		if m := refineryName.FindStringSubmatch(p); m != nil {
			if bareSlot(strings.Join(d.text(p).lines, "\n")) {
				return false
			}
			if was, ok := seen[m[2]]; ok && was != m[1] {
				return false
			}
			seen[m[2]] = m[1]
		}
	}
	return len(seen) > 0
}

// bareSlot reports whether a ${ stands where SQL can have none.
func bareSlot(text string) bool {
	for token := range script.Tokens(text) {
		if token.Kind == script.Other && text[token.From] == '$' && strings.HasPrefix(text[token.To:], "{") {
			return true
		}
	}
	return false
}

func readRefinery(r *reader) {
	r.refusePrograms(refineryCode)
	for _, p := range r.root() {
		m := refineryName.FindStringSubmatch(p)
		if m == nil {
			continue
		}
		if m[3] != "" {
			r.refuse(p, 0, "has a version of two parts, which is no whole number", "give it a whole number")
		}
		r.add(Pair{Version: m[2], Name: m[4], Sources: []string{p}, Up: whole(r.open(p))})
	}
}
