// Package psqlscript writes what `rung plan --sql` prints: a plan as a script for psql,
// with its entries in the history.
package psqlscript

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"rung/internal/english"
	"rung/internal/pgtext"
	"rung/internal/script"
	"rung/runner/internal/exec"
	"rung/runner/internal/files"
	"rung/runner/internal/plan"
	"rung/runner/internal/store"
)

// Write writes the script of a plan. The session answers what the script depends
// on; datestyle is the one that the connection was to have, "" for none.
func Write(ctx context.Context, x *exec.Session, datestyle string, p *plan.Plan, out io.Writer) error {
	b := bufio.NewWriter(out)
	if err := (&byHand{ctx: ctx, x: x, out: b, datestyle: datestyle}).plan(p); err != nil {
		return err
	}
	return b.Flush()
}

// byHand writes a plan for psql.
type byHand struct {
	ctx context.Context
	x   *exec.Session
	out *bufio.Writer
	// datestyle is the one that the connection was to have; "" for none.
	datestyle string
	// copied is true when the last statement was a COPY with its data.
	copied bool
}

func (h *byHand) say(format string, args ...any) {
	fmt.Fprintf(h.out, format, args...) // the buffer keeps the first error for Flush
}

func (h *byHand) plan(p *plan.Plan) error {
	if len(p.Actions) == 0 {
		h.say("-- Nothing to do for `rung %s`.\n", p.Direction)
		return nil
	}
	h.say("-- What `rung %s` would run, for psql -X -f. Plan hash: %s\n", p.Direction, p.Hash)
	h.say("-- Each migration commits together with its history entry: after a stop, make the script again with `rung plan --sql`.\n")
	h.say("\\set ON_ERROR_STOP on\n\\set AUTOCOMMIT on\n%s\n", h.session())
	h.start(p)
	for _, a := range p.Actions {
		if err := h.action(a); err != nil {
			return err
		}
	}
	for _, m := range p.Waiting {
		h.say("-- Not in this script, for `rung up` leaves it behind too: %s\n", m.Up.Path)
	}
	return nil
}

func (h *byHand) action(a plan.Action) error {
	s := a.Script
	h.say("-- %s: %s, %s\n", s.Path, s.Mode(), english.Count(len(s.Steps), "step"))
	if a.Registers() {
		h.say("-- Its background backfill runs here, in place of `rung work`: a script has no worker.\n")
	}
	r, err := s.Open()
	if err != nil {
		return fmt.Errorf("read %s: %w", s.Path, err)
	}
	defer r.Close()
	data := script.OpenData(r)
	if a.Fixed() {
		entries, err := h.x.History.FollowEntries(a)
		if err != nil {
			return err
		}
		if err := h.strays(a); err != nil {
			return err
		}
		h.x.History.FollowInMemory(a)
		h.say("-- the history follows the fixed file\n%s%sCOMMIT;\n", h.openOwn(a), entries)
	}
	if a.FirstStep >= len(s.Steps) {
		entries, err := h.x.History.FixedEntries(a)
		if err != nil {
			return err
		}
		h.say("%s%sCOMMIT;\n", h.openOwn(a), entries)
	}
	for n := a.FirstStep; n < len(s.Steps); n++ {
		if s.Mode() == files.Stepwise {
			h.say("-- step %d of %d\n", n+1, len(s.Steps))
		}
		var err error
		switch step := s.Steps[n]; {
		case step.Batch != nil:
			err = h.batched(a.At(n))
		case step.Transactional():
			err = h.transaction(a.At(n), data)
		default:
			err = h.outside(a.At(n), data)
		}
		if err != nil {
			return err
		}
	}
	h.say("\n")
	return nil
}

func (h *byHand) transaction(run plan.StepRun, data *script.DataReader) error {
	before, after, err := h.x.History.Entries(run)
	if err != nil {
		return err
	}
	step := run.Step()
	opening, rest := run.Script.Opening(step)
	if step.Begin < 0 {
		h.say("BEGIN;\n")
	}
	if err := h.statements(run.Script, opening, data); err != nil {
		return err
	}
	h.say("%s", h.open(run.Action)+before)
	if err := h.statements(run.Script, append(slices.Clone(step.Session), rest...), data); err != nil {
		return err
	}
	h.say("RESET SESSION AUTHORIZATION;\n%s%sCOMMIT;\n%s", h.x.History.SetRole(), after+h.x.Cluster.TwoPhase(), h.resetAfter(run))
	return nil
}

func (h *byHand) statements(s *files.Script, which []int, data *script.DataReader) error {
	for _, i := range which {
		if err := h.statement(s, i, data); err != nil {
			return err
		}
	}
	return nil
}

// open is what a transaction starts with: role, limits, and the migration lock.
func (h *byHand) open(a plan.Action) string {
	return h.onCluster(a) + h.x.History.SetRole() + h.x.Limits.Local(a.Script) + h.lock()
}

// openOwn is the same for a transaction that holds no file's text.
func (h *byHand) openOwn(a plan.Action) string {
	return h.x.History.Begin("") + h.x.Limits.Local(a.Script) + h.lock()
}

func (h *byHand) outside(run plan.StepRun, data *script.DataReader) error {
	table, err := h.table(run)
	if err != nil {
		return err
	}
	before, after, err := h.x.History.Started(run, table)
	if err != nil {
		return err
	}
	h.say("BEGIN;\n%s%sCOMMIT;\n%s", h.open(run.Action), before, h.x.SessionRole())
	step := run.Step()
	if err := h.statements(run.Script, step.Session, nil); err != nil {
		return err
	}
	if !run.Script.SetsItself(step, "lock_timeout") {
		h.say("SET lock_timeout = %s;\n", pgtext.Literal(files.Millis(h.x.Limits.Outside(run.Script, step))))
	}
	if d, ok := h.x.Limits.StatementTimeout(run.Script); ok && !run.Script.SetsItself(step, "statement_timeout") {
		h.say("SET statement_timeout = %s;\n", pgtext.Literal(files.Millis(d)))
	}
	done, err := h.clear(run)
	if err == nil && !done {
		err = h.statement(run.Script, step.First, data)
	}
	h.end(run, after)
	return err
}

// clear deals with what an earlier try of the step has left by now.
func (h *byHand) clear(run plan.StepRun) (done bool, err error) {
	earlier, again := h.x.History.Rec.Steps[run.Key()]
	if !again {
		return false, nil
	}
	table, err := h.x.Earlier(run).Table(h.ctx)
	if err != nil {
		return false, err
	}
	found, err := h.x.Earlier(run).Indexes(h.ctx, table)
	for _, i := range found {
		switch {
		case !i.Valid:
			h.say("-- an earlier try left it INVALID\nDROP INDEX CONCURRENTLY IF EXISTS %s;\n", i.Name)
		case earlier.State == "started" && h.x.Earlier(run).MadeBy(i):
			h.say("-- an earlier try has made the index %s\n", i.Name)
			done = true
		}
	}
	return done, err
}

// strays drops what no step of the fixed file would know for its own.
func (h *byHand) strays(a plan.Action) error {
	old, found, err := h.x.Strays(h.ctx, a)
	for _, s := range found {
		h.say("-- a statement that was edited since has left it INVALID\n%s", h.x.SessionRole())
		if err := h.statements(old.Script, old.Script.Steps[s.N].Session, nil); err != nil {
			return err
		}
		h.say("DROP INDEX CONCURRENTLY IF EXISTS %s;\n%s", s.Index.Name, h.reset())
	}
	return err
}

// table notes, as a variable of psql's, which table a CREATE INDEX CONCURRENTLY
// names under the file's SETs (see tableOf).
func (h *byHand) table(run plan.StepRun) (store.Fragment, error) {
	target, ok := h.x.Earlier(run).IndexTarget()
	step := run.Step()
	if !ok || len(step.Session) == 0 {
		return h.x.Earlier(run).Table(h.ctx)
	}
	h.say("BEGIN READ ONLY;\n%s", h.x.SessionRole())
	if err := h.statements(run.Script, step.Session, nil); err != nil {
		return "", err
	}
	h.say("%s", h.book().SQL("by_hand_table", store.Values{"table": target.Table}))
	return "CASE WHEN :'rung_table' OPERATOR(pg_catalog.<>) '' THEN :'rung_table'::pg_catalog.oid END", nil
}

// end writes the checkpoint after it.
func (h *byHand) end(run plan.StepRun, after string) {
	h.say("%s%s%sCOMMIT;\n", h.resetAfter(run), h.x.History.Begin(""), after)
}

// statement writes the file's own text, save for a blank where psql would put a
// variable's value, with its COPY data. After a COPY it leaves out what stands
// above the statement: a `;` that stands there alone is a COPY still to the psql
// of 15.19 and its like, which then skips what follows.
func (h *byHand) statement(s *files.Script, i int, data *script.DataReader) error {
	st := &s.Parsed.Statements[i]
	text := st.Text
	if h.copied {
		text = text[st.Lead:]
	}
	h.copied = st.Data != nil
	h.say("%s", script.ApartFromPsql(text))
	if st.Data != nil {
		if _, err := io.Copy(h.out, data.Block(st.Data)); err != nil {
			return err
		}
		h.say("\\.\n")
		return nil
	}
	if !st.Terminated {
		h.say("\n;")
	}
	h.say("\n")
	return nil
}

// session makes psql's session read text and dates as rung's own does.
func (h *byHand) session() string {
	return h.x.History.SQL("by_hand_session", store.Values{"datestyle": cmp.Or(h.datestyle, "ISO, MDY")})
}

// resetAfter is what follows the transaction of the step.
func (h *byHand) resetAfter(run plan.StepRun) string {
	if run.Index < len(run.Script.Steps)-1 {
		return h.book().SQL("reset_between", nil) + h.session()
	}
	return h.reset()
}

// book renders for psql's own session, which RESET ALL returns to its start.
func (h *byHand) book() store.Book {
	b := h.x.History.Book
	b.Start = nil
	return b
}

// reset is that of rung without a result on the screen.
func (h *byHand) reset() string {
	const unlock = "pg_catalog.pg_advisory_unlock_all();\n"
	return strings.Replace(h.book().SQL("reset", nil), "SELECT "+unlock, "DO $rung$BEGIN PERFORM "+strings.TrimSpace(unlock)+" END$rung$;\n", 1) + h.session()
}
