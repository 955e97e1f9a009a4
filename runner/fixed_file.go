package runner

import (
	"context"
	"strings"

	"rung/runner/internal/files"
	"rung/runner/internal/plan"
	"rung/runner/internal/store"
)

// followFile brings the history to the file's numbers before anything runs: from
// here on a step's number tells again which it is.
func (w *worker) followFile(ctx context.Context, a *plan.Action) error {
	if !a.Fixed() {
		return nil
	}
	for _, m := range a.Fit.Moves {
		if m.State == "started" && m.To != m.From {
			// What its runner left running goes by the old number.
			if err := w.awaitEarlier(ctx, a.At(m.To-1), m.From-1); err != nil {
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
	if err := w.entriesAlone(ctx, *a, entries, w.standing(a.At(a.FirstStep))); err != nil {
		return err
	}
	w.followInMemory(*a)
	a.Fit = nil
	return nil
}

// followEntries are the entries that do it.
func (w *worker) followEntries(a plan.Action) (string, error) {
	v := w.values(a.At(0))
	entries := w.book.SQL("fixed", v)
	if a.Direction == files.Up {
		if err := w.addFiles(a, v); err != nil {
			return "", err
		}
		entries += w.book.SQL("fixed_up", v)
	}
	return entries + w.moveEntries(a, v), nil
}

// moveEntries move the checkpoints, with their batches. One whose place is
// still taken waits below zero until all have left.
func (w *worker) moveEntries(a plan.Action, v store.Values) string {
	var b, parked, checksums strings.Builder
	leaves := map[int]bool{}
	for _, m := range a.Fit.Moves {
		leaves[m.From] = m.From != m.To
	}
	for _, m := range a.Fit.Moves {
		v["from"], v["to"], v["was"], v["now"], v["step"] = m.From, m.To, m.Was, m.Now, m.To
		switch {
		case m.To == 0:
			b.WriteString(w.book.SQL("step_gone", v))
			continue
		case m.To != m.From && leaves[m.To]:
			v["to"] = -m.To
			b.WriteString(w.book.SQL("step_moved", v))
			v["from"], v["to"] = -m.To, m.To
			parked.WriteString(w.book.SQL("step_moved", v))
		case m.To != m.From:
			b.WriteString(w.book.SQL("step_moved", v))
		}
		if m.Now != m.Was {
			checksums.WriteString(w.book.SQL("step_fixed", v))
		}
	}
	return b.String() + parked.String() + checksums.String()
}

// followInMemory does the same to the history that was read.
func (w *worker) followInMemory(a plan.Action) {
	for _, m := range a.Fit.Moves {
		delete(w.rec.Steps, plan.StepKey{Version: a.Version, Direction: a.Direction, Step: m.From})
	}
	for n, row := range a.Fit.Rows {
		w.rec.Steps[plan.StepKey{Version: a.Version, Direction: a.Direction, Step: n}] = row
	}
}
