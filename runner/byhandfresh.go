package runner

import "strings"

// start is the script's first transaction: it stops, before it changes anything
// and in plain words, if a runner is at work or the history has moved on since
// the plan was made; and it brings the history to this rung's form.
func (h *byHand) start(p *Plan) {
	from := h.w.rec.Format
	if from < formatNow {
		h.say("-- The history tables of rung, format %d.\n", formatNow)
	} else {
		h.say("-- The history must be as it was when this script was made.\n")
	}
	h.say("%s%s", h.w.book.begin(""), h.w.limits(&Script{})+h.lock())
	if from == 0 {
		h.say("%s", h.w.book.sql("by_hand_form", values{"name": h.w.book.schema}))
	} else {
		h.say("%s", h.w.book.sql("by_hand_fresh", scoped(h.w.rec, values{"form": from, "planned": h.planned(p)})))
	}
	if from < formatNow {
		h.say("%s", h.w.book.sql("by_hand_schema", values{"name": h.w.book.schema, "from": fragment(h.w.book.upgrade(from))}))
	}
	h.say("COMMIT;\n\n")
}

// planned are the versions of a plan as SQL, each with the state that its row
// has, or NULL for none.
func (h *byHand) planned(p *Plan) fragment {
	rows := make([]string, len(p.Actions))
	for i, a := range p.Actions {
		var state any
		if row := h.w.rec.Find(a.Version); row != nil {
			state = string(row.State)
		}
		rows[i] = "(" + literal(a.Version) + ", " + literal(state) + ")"
	}
	return fragment(strings.Join(rows, ", "))
}

func (h *byHand) lock() string {
	return h.w.book.sql("by_hand_lock", values{"lock_key": h.w.book.lockKey()})
}
