package store

import (
	"strings"

	"rung/runner/internal/files"
	"rung/runner/internal/plan"
)

// FollowEntries bring the history to the numbers of a file that was fixed.
func (h *History) FollowEntries(a plan.Action) (string, error) {
	v := h.Values(a.At(0))
	entries := h.SQL("fixed", v)
	if a.Direction == files.Up {
		if err := h.AddFiles(a, v); err != nil {
			return "", err
		}
		entries += h.SQL("fixed_up", v)
	}
	return entries + h.MoveEntries(a, v), nil
}

// MoveEntries move the checkpoints, with their batches. One whose place is
// still taken waits below zero until all have left.
func (h *History) MoveEntries(a plan.Action, v Values) string {
	var b, parked, checksums strings.Builder
	leaves := map[int]bool{}
	for _, m := range a.Fit.Moves {
		leaves[m.From] = m.From != m.To
	}
	for _, m := range a.Fit.Moves {
		v["from"], v["to"], v["was"], v["now"], v["step"] = m.From, m.To, m.Was, m.Now, m.To
		switch {
		case m.To == 0:
			b.WriteString(h.SQL("step_gone", v))
			continue
		case m.To != m.From && leaves[m.To]:
			v["to"] = -m.To
			b.WriteString(h.SQL("step_moved", v))
			v["from"], v["to"] = -m.To, m.To
			parked.WriteString(h.SQL("step_moved", v))
		case m.To != m.From:
			b.WriteString(h.SQL("step_moved", v))
		}
		if m.Now != m.Was {
			checksums.WriteString(h.SQL("step_fixed", v))
		}
	}
	return b.String() + parked.String() + checksums.String()
}

// FollowInMemory does the same to what was read.
func (h *History) FollowInMemory(a plan.Action) {
	for _, m := range a.Fit.Moves {
		delete(h.Rec.Steps, plan.StepKey{Version: a.Version, Direction: a.Direction, Step: m.From})
	}
	for n, row := range a.Fit.Rows {
		h.Rec.Steps[plan.StepKey{Version: a.Version, Direction: a.Direction, Step: n}] = row
	}
}

// MoveBackground is the SQL of an event of a background backfill, and wants its values
// in v: how many attempts have failed, and of the last one the error.
func (h *History) MoveBackground(v files.Version, e plan.BackfillEvent, more Values) string {
	before := plan.BackfillsBefore(e)
	to, _ := plan.NextBackfill(before[0], e)
	from := make(Key, len(before))
	for i, s := range before {
		from[i] = string(s)
	}
	all := Values{
		"version": v, "run": h.Run, "from": from, "to": string(to),
		"attempts": 0, "error": nil, "error_code": nil, "error_keys": nil, "pause_ms": nil,
	}
	for name, val := range more {
		all[name] = val
	}
	return h.SQL("background_move", all)
}
