package runner

import (
	"fmt"

	"rung/internal/english"
	"rung/runner/internal/files"
)

// What a batch's bounds select rung cannot see: BETWEEN $2 AND $1 is no row, an
// OR all of them. But it counts, and says what does not look like one row a key.

// selects are the verbs whose rows no statement changes.
var selects = map[string]bool{"SELECT": true, "VALUES": true}

// note says what is odd about the numbers of a backfill, or "".
func (p Progress) note(verb string) string {
	switch {
	case p.Keys == 0 || selects[verb]:
		return ""
	case p.Rows == 0:
		return fmt.Sprintf("%s walked, and no row changed: expected if nothing was left to change; otherwise check the statement's bounds (the key column BETWEEN $1 AND $2)", count64(p.Keys, "key"))
	// Rows that come between the look for a batch and the batch are within a tenth.
	case verb != "INSERT" && p.Rows > p.Keys+p.Keys/10:
		return fmt.Sprintf("%s changed for %s: expected if each key has several rows, as in another table; otherwise the statement's bounds overlap, and rows changed more than once", count64(p.Rows, "row"), count64(p.Keys, "key"))
	}
	return ""
}

func count64(n int64, noun string) string { return english.Count(int(n), noun) }

// total is what a backfill has done when it ends.
func (b *backfill) total() Progress {
	b.mu.Lock()
	defer b.mu.Unlock()
	p := b.progress()
	p.Rate, p.Size = 0, 0
	p.Note = p.note(b.run.Script.Changes(b.run.Step()))
	return p
}

// addNotes does the same for the backfills that another session runs, of which
// only the directory has the statements.
func (w *worker) addNotes(all []Progress) {
	for i, p := range all {
		m := w.cfg.Dir.Find(p.Version)
		if m == nil {
			continue
		}
		s := m.Up
		if p.Direction == files.Down {
			s = m.Down
		}
		if s == nil {
			continue
		}
		if s = s.StepByStep(); p.Step <= len(s.Steps) && s.Steps[p.Step-1].Batch != nil {
			all[i].Note = p.note(s.Changes(s.Steps[p.Step-1]))
		}
	}
}
