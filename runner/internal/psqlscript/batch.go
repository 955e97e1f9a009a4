package psqlscript

import (
	"fmt"
	"strings"

	"rung/internal/pgtext"
	"rung/runner/internal/backfill"
	"rung/runner/internal/files"
	"rung/runner/internal/pgconn"
	"rung/runner/internal/plan"
	"rung/runner/internal/store"
)

// batched writes a step that goes in batches: a loop in PL/pgSQL that commits
// after each batch together with its row in the batch log, as rung does.
func (h *byHand) batched(run plan.StepRun) error {
	if err := h.noBatchesOnCluster(run.Action); err != nil {
		return err
	}
	step := run.Step()
	before, after, err := h.x.History.Started(run, "NULL")
	if err != nil {
		return err
	}
	spans, walk := []*backfill.Span{nil}, (*backfill.Walk)(nil) // nil: all of the table, from the start
	if _, again := h.x.History.Rec.Steps[run.Key()]; again {
		if spans, walk, err = backfill.SpansLeft(h.ctx, h.x, run); err != nil {
			return err
		}
	}
	h.say("-- in batches over %s (%s)\n", step.Batch.Table, strings.Join(step.Batch.Columns, ", "))
	by, err := h.comparison(run)
	if err != nil {
		return err
	}
	if err := h.checkKey(run, walk == nil, by); err != nil {
		return err
	}
	h.say("BEGIN;\n%s%sCOMMIT;\n%s", h.open(run.Action), before, h.x.SessionRole())
	h.say("SET lock_timeout = %s;\n", pgtext.Literal(files.Millis(h.x.Limits.LockTimeout(run.Script))))
	if err := h.statements(run.Script, step.Session, nil); err != nil {
		return err
	}
	h.say("-- The limit is on each statement of a batch, not on all of the loop.\nSET statement_timeout = 0;\n")
	for _, s := range spans {
		h.say("%s", h.loop(run, s, walk, by))
	}
	h.end(run, after)
	return nil
}

// checkKey refuses, while nothing of the step is recorded, the keys that rung
// refuses: when the script is written, the table may not be there yet.
func (h *byHand) checkKey(run plan.StepRun, starts bool, by backfill.Comparison) error {
	step := run.Step()
	h.say("BEGIN;\n%s%s", h.x.History.SetRole(), h.x.Limits.Local(run.Script))
	if err := h.statements(run.Script, step.Session, nil); err != nil {
		return err
	}
	columns := step.Batch.QuotedColumns()
	v := store.Values{
		"table": step.Batch.Table, "columns": store.Key(step.Batch.Columns), "explain": h.explainKey(step.Batch),
		"probing": store.Fragment(h.x.History.SQL("probing", nil)), "starts": store.Fragment(fmt.Sprint(starts)),
		"operators": h.x.History.Operators("a.atttypid"), "above": by.Above, "named": store.Fragment(fmt.Sprint(by != backfill.BySearchPath && backfill.NamesOperators(run.Script, step))), "plain": backfill.BySearchPath.Above, "usual": backfill.InCatalog.Above,
		"texts":      dollarQuotedAll(run.Script, step),
		"writes":     store.Fragment(strings.Replace(h.x.History.SQL("batch_writes", store.Values{"table": step.Batch.Table, "columns": store.Key(step.Batch.Columns)}), "\n  FROM", " INTO rung_name\n  FROM", 1)),
		"hidden_too": "row-level security would hide rows from the batch",
	}
	for name, p := range map[string]files.Problem{
		"view":        backfill.KeyOfView(step.Batch.Table),
		"hidden":      backfill.HiddenRows(step.Batch.Table, "that works here"),
		"own_key":     backfill.OwnKey(step.Batch.Table, columns),
		"no_index":    backfill.NoIndex(step.Batch.Table, columns),
		"null_key":    backfill.NullKey(step.Batch.Table, columns),
		"other_order": backfill.OtherOrder(columns),
		"other_type":  otherType(step.Batch.Table, columns),
	} {
		pos := run.Script.Pos(step.First)
		v[name], v[name+"_fix"] = fmt.Sprintf("%s:%d:%d: %s", run.Script.Path, pos.Line, pos.Col, p.What), p.Fix
	}
	h.say("%sROLLBACK;\n", h.x.History.SQL("by_hand_key", v))
	return nil
}

// comparison is how the loop compares keys. Where the table is not there yet it
// is by PostgreSQL's own operators; that these are the key's, the script checks.
func (h *byHand) comparison(run plan.StepRun) (backfill.Comparison, error) {
	k := backfill.WalkOf(h.x, run)
	found, err := k.KeyColumns(h.ctx, h.x)
	switch {
	case pgconn.IsLost(err):
		return backfill.InCatalog, pgconn.LostIs(err)
	case err != nil: // its SETs name what the files before it make
		return backfill.InCatalog, pgconn.LostIs(h.x.Conn.Exec(h.ctx, "ROLLBACK"))
	case len(found) == 0:
		return backfill.InCatalog, nil
	}
	var all []backfill.KeyOperators
	for _, c := range found {
		all = append(all, c.KeyOperators)
	}
	by, mixed := backfill.ComparisonOf(all)
	if mixed {
		return by, backfill.BadKey(run, backfill.OfTwoSchemas(k.Run.Script.Steps[run.Index].Batch.QuotedColumns()))
	}
	return by, nil
}

func otherType(table string, columns []string) files.Problem {
	return files.Problem{
		What: fmt.Sprintf("the key (%s) of %s is compared by other operators than when this script was made", strings.Join(columns, ", "), table),
		Fix:  "what stands above is done; make the script again for the rest: rung plan --sql",
	}
}

// dollarQuotedAll are a step's statements as a list of strings.
func dollarQuotedAll(s *files.Script, step files.Step) store.Fragment {
	var all []string
	for i := step.First; i < step.Last; i++ {
		all = append(all, pgtext.DollarQuote("batch", s.Bare(i)))
	}
	return store.Fragment(strings.Join(all, ", "))
}

// explainKey asks how the server would walk the key, as key_plan.sql does.
func (h *byHand) explainKey(b *files.Batch) string {
	v := store.Values{"columns": store.Fragment(strings.Join(b.QuotedColumns(), ", ")), "table": store.Fragment(b.Table)}
	return strings.TrimSpace(h.book().SQL("by_hand_explain", v))
}
