package psqlscript

import (
	"fmt"
	"strings"

	"rung/internal/pgtext"
	"rung/runner/internal/backfill"
	"rung/runner/internal/files"
	"rung/runner/internal/plan"
	"rung/runner/internal/store"
)

// loop is the DO block over one span, or over all of the table.
func (h *byHand) loop(run plan.StepRun, s *backfill.Span, walk *backfill.Walk, by backfill.Comparison) string {
	b := run.Step().Batch
	v := h.x.History.Values(run)
	v["table"], v["size"] = store.Fragment(b.Table), b.Rows
	loopKey(b, v)
	v["above"], v["below"], v["upfrom"] = store.Fragment(by.Above), store.Fragment(by.Upto), store.Fragment(by.Upfrom)
	h.transactions(run, v)
	v["done"] = store.Fragment(h.x.History.SQL("batch_done", v))
	verb := run.Script.Changes(run.Step())
	v["changes"], v["inserts"] = store.Fragment(fmt.Sprint(!backfill.ReadsOnly[verb])), store.Fragment(fmt.Sprint(verb == "INSERT"))
	v["statements"] = h.executes(run.Script, run.Step(), v)
	if s != nil {
		v["assign"], v["span"] = assignments(walk, s), store.Fragment("")
		if len(s.After) > 0 {
			v["span"] = store.Fragment(fmt.Sprintf("(%s) %s (%s) AND ", v["columns"], by.Above, v["after"]))
		}
		v["start"] = store.Fragment(h.x.History.SQL("by_hand_from", v))
		return h.x.History.SQL("by_hand_batch", v)
	}
	v["read_only"] = h.readOnly(run.Script, run.Step(), v)
	v["pages"], v["counted_pages"] = store.Fragment(h.x.History.SQL("key_pages", store.Values{"table": b.Table})), backfill.CountedPages
	v["key_type"], v["column_names"] = store.Fragment(h.x.History.SQL("key_type", nil)), store.Key(b.Columns)
	v["key_columns"] = " (" + strings.Join(b.QuotedColumns(), ", ") + ")"
	v["table_name"] = b.Table
	v["start"] = store.Fragment(h.x.History.SQL("by_hand_upper", v))
	return h.x.History.SQL("by_hand_batch", v)
}

// loopKey adds what the loop says of the key's columns. A row is read whole and
// then taken apart: SELECT INTO would spread a key of a composite type.
func loopKey(b *files.Batch, v store.Values) {
	columns := b.QuotedColumns()
	each := func(format, sep string) store.Fragment { // %[1]d is the column's number, %[2]s its name
		all := make([]string, len(columns))
		for i, c := range columns {
			all[i] = fmt.Sprintf(format, i+1, c)
		}
		return store.Fragment(strings.Join(all, sep))
	}
	v["columns"], v["columns_desc"], v["selected"] = each("%[2]s", ", "), each("%[2]s DESC", ", "), each("%[2]s AS k%[1]d", ", ")
	var declare []string
	for _, name := range []string{"after", "first", "last", "upto"} {
		v[name] = each("rung_"+name+"_%[1]d", ", ")
		v["set_"+name] = each("    rung_"+name+"_%[1]d := rung_row.k%[1]d;", "\n")
		// Of the columns' own types: the table may not be there yet when the script is written.
		declare = append(declare, string(each("  rung_"+name+"_%[1]d "+strings.ReplaceAll(b.Table, "%", "%%")+".%[2]s%%TYPE;", "\n")))
		v[name+"_text"] = "ARRAY[" + each("rung_"+name+"_%[1]d::pg_catalog.text", ", ") + "]"
	}
	v["declare"] = store.Fragment(strings.Join(declare, "\n"))
	v["reach_the_end"] = each("      rung_last_%[1]d := rung_upto_%[1]d;", "\n")
	v["move_on"] = each("    rung_after_%[1]d := rung_last_%[1]d;", "\n")
	v["after_key"] = "CASE WHEN rung_begun THEN " + v["after_text"].(store.Fragment) + " ELSE '{}' END"
	v["first_key"], v["last_key"] = v["first_text"], v["last_text"]
	v["keys"], v["rows"] = store.Fragment("rung_keys"), store.Fragment("rung_rows")
}

// transactions adds what the transactions of the loop start with and go over
// to. As in rung, each starts from the same session, with the file's SETs in
// it, and the history is written under none of them.
func (h *byHand) transactions(run plan.StepRun, v store.Values) {
	var sets strings.Builder
	for _, i := range run.Step().Session {
		fmt.Fprintf(&sets, "    EXECUTE %s;\n", pgtext.DollarQuote("batch", run.Script.Bare(i)))
	}
	probing := h.x.History.SQL("probing", nil)
	v["reset"], v["session"], v["limits"] = store.Fragment(h.book().SQL("reset_between", nil)), store.Fragment(h.session()), store.Fragment(h.x.Limits.Local(run.Script))
	v["begin"] = store.Fragment(h.x.History.SQL("by_hand_begin", v))
	v["as_file"] = store.Fragment(sets.String())
	v["walk"] = v["begin"].(store.Fragment) + v["as_file"].(store.Fragment) + store.Fragment(probing)
	// The batch log's keys are texts that read the same in every session.
	v["as_record"] = store.Fragment("    RESET SESSION AUTHORIZATION;\n" + h.x.History.SetRole() + probing)
	v["fence"] = store.Fragment(h.x.History.SQL("by_hand_lock", store.Values{"lock_key": h.x.History.LockKey()}) + h.x.History.SQL("batch_begin", v))
}

// executes runs the file's statements; the last one's rows count.
func (h *byHand) executes(s *files.Script, step files.Step, v store.Values) store.Fragment {
	var all strings.Builder
	for i := step.First; i < step.Last; i++ {
		v["statement"] = store.Fragment(pgtext.DollarQuote("batch", s.Bare(i)))
		all.WriteString(h.x.History.SQL("by_hand_execute", v))
	}
	return store.Fragment(all.String())
}

// readOnly lets the server read the statements and does not run them.
func (h *byHand) readOnly(s *files.Script, step files.Step, v store.Values) store.Fragment {
	var all strings.Builder
	for i := step.First; i < step.Last; i++ {
		fmt.Fprintf(&all, "    EXECUTE %s USING %s, %s;\n", pgtext.DollarQuote("batch", "EXPLAIN "+s.Bare(i)), v["first"], v["last"])
	}
	return store.Fragment(all.String())
}

// assignments set where a span of a half-run step starts and ends.
func assignments(k *backfill.Walk, s *backfill.Span) store.Fragment {
	var all strings.Builder
	for i, value := range k.Literals(s.After) {
		fmt.Fprintf(&all, "  rung_after_%d := %s;\n  rung_begun := true;\n", i+1, value)
	}
	for i, value := range k.Literals(s.Upto) {
		fmt.Fprintf(&all, "  rung_upto_%d := %s;\n", i+1, value)
	}
	return store.Fragment(all.String())
}
