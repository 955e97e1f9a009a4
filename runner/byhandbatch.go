package runner

import (
	"fmt"
	"strings"
)

// batched writes a step that goes in batches: a loop in PL/pgSQL that commits
// after each batch together with its row in the ledger, as rung does.
func (h *byHand) batched(a Action, n int) error {
	step := a.Script.Steps[n]
	before, after, err := h.w.started(a, n, "NULL")
	if err != nil {
		return err
	}
	spans := []*span{nil} // nil: all of the table, from the start
	if a.Resumed && n == a.FirstStep && a.FirstState != "" {
		if spans, err = h.w.spansLeft(h.ctx, a, n); err != nil {
			return err
		}
	}
	h.say("-- in batches over %s (%s)\n", step.Batch.Table, strings.Join(step.Batch.Columns, ", "))
	h.say("BEGIN;\n%s%sCOMMIT;\n%s", h.open(a), before, h.w.sessionRole())
	if err := h.statements(a.Script, step.session, nil); err != nil {
		return err
	}
	h.say("SET lock_timeout = %s;\n", quoteLiteral(pgMillis(h.w.lockTimeout(a.Script))))
	for _, s := range spans {
		h.say("%s", h.loop(a, n, s))
	}
	h.end(a, n, after)
	return nil
}

// loop is the DO block over one span, or over all of the table.
func (h *byHand) loop(a Action, n int, s *span) string {
	b := a.Script.Steps[n].Batch
	vars := func(name, format string) fragment {
		var all []string
		for i := range b.Columns {
			all = append(all, fmt.Sprintf(format, fmt.Sprintf("rung_%s_%d", name, i+1)))
		}
		return fragment(strings.Join(all, ", "))
	}
	v := h.w.values(a, n)
	v["lock_key"], v["table"], v["rows"] = h.w.book.lockKey(), fragment(b.Table), b.Rows
	columns := make([]string, len(b.Columns))
	for i, c := range b.Columns {
		columns[i] = quoteIdent(c)
	}
	v["columns"], v["columns_desc"] = fragment(strings.Join(columns, ", ")), fragment(strings.Join(columns, " DESC, ")+" DESC")
	for _, name := range []string{"after", "first", "last", "upto"} {
		v[name], v[name+"_text"] = vars(name, "%s"), "ARRAY["+vars(name, "%s::text")+"]"
	}
	v["after_text"] = fragment("CASE WHEN rung_after_1 IS NULL THEN '{}' ELSE " + v["after_text"].(fragment) + " END")
	lines := func(format string) fragment { // one for each column: %[1]d is its number
		var all strings.Builder
		for i := range b.Columns {
			fmt.Fprintf(&all, format+"\n", i+1)
		}
		return fragment(strings.TrimSuffix(all.String(), "\n"))
	}
	v["reach_the_end"], v["move_on"] = lines("      rung_last_%[1]d := rung_upto_%[1]d;"), lines("    rung_after_%[1]d := rung_last_%[1]d;")
	v["declare"] = declarations(b, columns)
	v["statements"] = h.executes(a.Script, a.Script.Steps[n], v)
	v["start"] = fragment(h.w.book.sql("by_hand_upper", v))
	if s != nil {
		v["assign"] = assignments(s)
		v["start"] = fragment(h.w.book.sql("by_hand_from", v))
	}
	return h.w.book.sql("by_hand_batch", v)
}

// declarations are the variables, of the columns' own types: the table may not
// be there yet when the script is written.
func declarations(b *Batch, columns []string) fragment {
	var all strings.Builder
	for _, name := range []string{"after", "first", "last", "upto"} {
		for i, c := range columns {
			fmt.Fprintf(&all, "  rung_%s_%d %s.%s%%TYPE;\n", name, i+1, b.Table, c)
		}
	}
	return fragment(strings.TrimSuffix(all.String(), "\n"))
}

// assignments set where a span of a half-run step starts and ends.
func assignments(s *span) fragment {
	var all []string
	for i, text := range s.after {
		all = append(all, fmt.Sprintf("  rung_after_%d := %s;", i+1, quoteLiteral(text)))
	}
	for i, text := range s.upto {
		all = append(all, fmt.Sprintf("  rung_upto_%d := %s;", i+1, quoteLiteral(text)))
	}
	return fragment(strings.Join(all, "\n"))
}

// executes runs the file's statements, under a dollar quote that none of them holds.
func (h *byHand) executes(s *Script, step Step, v values) fragment {
	var all strings.Builder
	for i := step.First; i < step.Last; i++ {
		st := &s.file.Statements[i]
		text := strings.TrimSuffix(st.Text[st.Lead:], ";")
		tag := "$batch$"
		for strings.Contains(text, tag) {
			tag = "$batch_" + tag[len("$batch"):]
		}
		fmt.Fprintf(&all, "    EXECUTE %s%s%s USING %s, %s;\n", tag, text, tag, v["first"], v["last"])
	}
	return fragment(all.String() + "    GET DIAGNOSTICS rung_rows = ROW_COUNT;")
}
