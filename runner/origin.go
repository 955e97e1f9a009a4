package runner

import (
	"strings"
	"unicode/utf8"
)

// Origin is where a run was started, for the log: what the machine says of
// itself, which nobody checks.
type Origin struct {
	// OSUser is the user of the operating system.
	OSUser string
	// Host is the machine's name.
	Host string
	// Job is the address of the CI job.
	Job string
}

// originLimit is how long each of them, and a note, may be.
const originLimit = 1000

// addOrigin puts what the log says of the run itself among the values.
func (w *worker) addOrigin(v values) {
	o, note := w.cfg.Origin, w.cfg.Note
	if w.byHand {
		o, note = Origin{}, ""
	}
	for key, text := range map[string]string{"os_user": o.OSUser, "host": o.Host, "job": o.Job, "note": note} {
		v[key] = w.book.start.storable(text)
	}
}

// storable is a text as any database takes it, nil for none: it must not be what
// fails a migration. A database of another encoding than UTF-8 may lack a
// character, and no text of PostgreSQL's has a NUL.
func (s *start) storable(text string) any {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "?"), "\x00", "?")
	if s != nil && s.encoding != "UTF8" {
		text = strings.Map(func(c rune) rune {
			if c >= utf8.RuneSelf {
				return '?'
			}
			return c
		}, text)
	}
	if r := []rune(text); len(r) > originLimit {
		text = string(r[:originLimit])
	}
	if text == "" {
		return nil
	}
	return text
}
