package importer

import (
	"strings"

	"rung/internal/lazyre"
)

var (
	graphileName   = lazyre.New(`^(?:committed/)?(\d{6,})(?:-([^/]*))?\.sql$`)
	graphileHeader = lazyre.New(`^--! (Previous|Hash|Message|AllowInvalidHash|no-transaction)(?:: *(.*))?$`)
	graphileSlots  = slots{tool: "graphile-migrate", at: lazyre.New(`(?:^|[^:\w])(:([A-Z][A-Z0-9_]*))\b`)}
	graphileNew    = lazyre.New(`^current(?:\.sql|/.+\.sql)$`)
)

func isGraphile(d *directory) bool {
	for _, p := range d.paths {
		if graphileName.MatchString(p) && strings.HasPrefix(d.text(p).first(), "--! Previous:") {
			return true
		}
	}
	return false
}

func readGraphile(r *reader) {
	for _, p := range r.paths {
		if graphileNew.MatchString(p) {
			r.read[p] = true
			if !whole(r.text(p)).blank() {
				r.note(p, 0, "is not imported: it is not committed yet", "commit it first, or make it a migration with `rung new`")
			}
		}
		m := graphileName.FindStringSubmatch(p)
		if m == nil {
			continue
		}
		up, message := r.graphileText(r.open(p))
		name := m[2]
		if name == "" {
			name = strings.ToLower(strings.Trim(notInMessage.ReplaceAllString(message, "_"), "_"))
		}
		r.add(Pair{Version: m[1], Name: name, Sources: []string{p}, Up: up})
	}
}

var notInMessage = lazyre.New(`[^\pL\pN]+`)

// graphileText is a file without the header, whose hashes are of that file.
func (r *reader) graphileText(s *source) (t *Text, message string) {
	t = &Text{}
	alone, inHeader := false, true
	for i, text := range s.lines {
		m := graphileHeader.FindStringSubmatch(text)
		inHeader = inHeader && (strings.HasPrefix(text, "--!") || strings.TrimSpace(text) == "")
		switch {
		case m == nil || !inHeader && m[1] != "no-transaction":
			t.addAs(s, i, r.fill(s, i, graphileSlots))
		case m[1] == "no-transaction":
			alone = true
		case m[1] == "Message":
			message = m[2]
			t.addAs(s, i, "-- "+message)
		}
	}
	if alone {
		t.noTransaction()
	}
	return t, message
}
