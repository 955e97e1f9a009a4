package runner

import (
	"context"
	"strings"
)

// What a fixed file changes in the record before it goes on.

// fixed tells whether the record is of another form of the file.
func (a Action) fixed() bool {
	return a.fit != nil && (len(a.fit.moves) > 0 || a.Direction == Up && a.row.UpChecksum != a.Script.Checksum)
}

// followFile brings the record to the file's numbers before anything runs: from
// here on a step's number tells again which it is.
func (w *worker) followFile(ctx context.Context, a *Action) error {
	if !a.fixed() {
		return nil
	}
	for _, m := range a.fit.moves {
		if m.state == "started" && m.to != m.from {
			// What its runner left running goes by the old number.
			if err := w.awaitEarlier(ctx, *a, m.from-1, m.to-1); err != nil {
				return w.interrupted(ctx, *a, err)
			}
		}
	}
	if err := w.dropStrays(ctx, *a); err != nil {
		return err
	}
	entries, err := w.followEntries(*a)
	if err != nil {
		return err
	}
	if err := w.entriesAlone(ctx, *a, entries, w.standing(*a, a.FirstStep)); err != nil {
		return err
	}
	w.followInMemory(*a)
	a.fit = nil
	return nil
}

// followEntries are the entries that do it.
func (w *worker) followEntries(a Action) (string, error) {
	v := w.values(a, 0)
	entries := w.book.sql("mended", v)
	if a.Direction == Up {
		if err := w.addFiles(a, v); err != nil {
			return "", err
		}
		entries += w.book.sql("mended_up", v)
	}
	return entries + w.moveEntries(a, v), nil
}

// moveEntries move the checkpoints, with their batches. One whose place is
// still taken waits below zero until all have left.
func (w *worker) moveEntries(a Action, v values) string {
	var b, parked, checksums strings.Builder
	leaves := map[int]bool{}
	for _, m := range a.fit.moves {
		leaves[m.from] = m.from != m.to
	}
	for _, m := range a.fit.moves {
		v["from"], v["to"], v["was"], v["now"], v["step"] = m.from, m.to, m.was, m.now, m.to
		switch {
		case m.to == 0:
			b.WriteString(w.book.sql("step_gone", v))
			continue
		case m.to != m.from && leaves[m.to]:
			v["to"] = -m.to
			b.WriteString(w.book.sql("step_moved", v))
			v["from"], v["to"] = -m.to, m.to
			parked.WriteString(w.book.sql("step_moved", v))
		case m.to != m.from:
			b.WriteString(w.book.sql("step_moved", v))
		}
		if m.now != m.was {
			checksums.WriteString(w.book.sql("step_mended", v))
		}
	}
	return b.String() + parked.String() + checksums.String()
}

// followInMemory does the same to the record that was read.
func (w *worker) followInMemory(a Action) {
	for _, m := range a.fit.moves {
		delete(w.rec.Steps, stepKey{a.Version, a.Direction, m.from})
	}
	for n, row := range a.fit.rows {
		w.rec.Steps[stepKey{a.Version, a.Direction, n}] = row
	}
}

// storedStep is the number that the record has for step n until it follows.
func (a Action) storedStep(n int) int {
	if a.fit != nil {
		for _, m := range a.fit.moves {
			if m.to == n+1 {
				return m.from
			}
		}
	}
	return n + 1
}
