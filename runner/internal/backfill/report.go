package backfill

import (
	"fmt"

	"rung/internal/english"
)

// What a batch's bounds select rung cannot see: BETWEEN $2 AND $1 is no row, an
// OR all of them. But it counts, and says what does not look like one row a key.

// ReadsOnly are the verbs whose rows no statement changes.
var ReadsOnly = map[string]bool{"SELECT": true, "VALUES": true}

// Odd says what is odd about the numbers of a backfill, or "".
func (p Progress) Odd(verb string) string {
	switch {
	case p.Keys == 0 || ReadsOnly[verb]:
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
	p.Note = p.Odd(b.run.Script.Changes(b.run.Step()))
	return p
}
