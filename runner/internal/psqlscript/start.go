package psqlscript

import (
	"strings"

	"rung/runner/internal/files"
	"rung/runner/internal/plan"
	"rung/runner/internal/store"
)

// start is the script's first transaction: it stops, before it changes anything
// and in plain words, if a runner is at work or the history has moved on since
// the plan was made; and it brings the history to this rung's form.
func (h *byHand) start(p *plan.Plan) {
	from := h.x.History.Rec.Format
	if from < store.FormatNow {
		h.say("-- The history tables of rung, format %d.\n", store.FormatNow)
	} else {
		h.say("-- The history must be as it was when this script was made.\n")
	}
	h.say("%s%s", h.x.History.Begin(""), h.x.Limits.Local(&files.Script{})+h.lock())
	if from == 0 {
		h.say("%s", h.x.History.SQL("by_hand_form", store.Values{"name": h.x.History.Schema}))
	} else {
		h.say("%s", h.x.History.SQL("by_hand_fresh", h.x.History.Scoped(h.x.History.Rec, store.Values{"form": from, "planned": h.planned(p)})))
	}
	if from < store.FormatNow {
		h.say("%s%s", h.x.Cluster.NotAsShards(), h.x.History.SQL("by_hand_schema", store.Values{"name": h.x.History.Schema, "from": store.Fragment(h.x.History.Upgrade(from))}))
	}
	h.say("COMMIT;\n%s\n", h.twoPhaseTable())
}

// planned are the versions of a plan as SQL, each with the state that its row
// has, or NULL for none.
func (h *byHand) planned(p *plan.Plan) store.Fragment {
	rows := make([]string, len(p.Actions))
	for i, a := range p.Actions {
		var state any
		if row := h.x.History.Rec.Find(a.Version); row != nil {
			state = string(row.State)
		}
		rows[i] = "(" + store.Literal(a.Version) + ", " + store.Literal(state) + ")"
	}
	return store.Fragment(strings.Join(rows, ", "))
}

func (h *byHand) lock() string {
	return h.x.History.SQL("by_hand_lock", store.Values{"lock_key": h.x.History.LockKey()})
}
