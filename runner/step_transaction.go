package runner

import (
	"context"
	"strings"
	"time"

	"rung/internal/pgtext"
	"rung/runner/internal/files"
	"rung/runner/internal/plan"
	"rung/runner/internal/store"
)

// transaction runs a step together with its bookkeeping as one transaction,
// in one message unless COPY data or sheer size asks for more.
func (w *worker) transaction(ctx context.Context, run plan.StepRun) error {
	t := w.newSender(ctx, run)
	if err := t.fill(run); err != nil {
		return err
	}
	t.say("COMMIT;\n" + w.resetAfter(run))
	return t.flush()
}

// fill puts the step and its bookkeeping into the message, up to the COMMIT.
func (t *sender) fill(run plan.StepRun) error {
	before, after, err := t.w.entries(run)
	if err != nil {
		return err
	}
	if err := t.body(before); err != nil {
		return err
	}
	t.say(after)
	return nil
}

// resetAfter takes back what a step left in the session: its settings, which
// the next steps are sent again, and with the last one all else. Temporary
// tables, prepared statements and the like are there for the steps of one file.
func (w *worker) resetAfter(run plan.StepRun) string {
	if run.Index < len(run.Script.Steps)-1 {
		return w.book.SQL("reset_between", nil)
	}
	return w.book.SQL("reset", nil)
}

// entries are what the history gets with the step: before the statements the
// claim, or in a later step the fence, so that a second application is
// impossible, and after them the end.
func (w *worker) entries(run plan.StepRun) (before, after string, err error) {
	v := w.values(run)
	first, last := run.Index == 0 && !run.Resumed, run.Last()
	stepwise := run.Script.Mode() == Stepwise
	if first {
		if before, err = w.claim(run.Action, v); err != nil {
			return "", "", err
		}
	} else {
		before = w.book.SQL("step_fence", v)
	}
	if stepwise {
		after = w.checkpoint(run, "done", v)
	}
	if last {
		end, err := w.finish(run.Action, v)
		if err != nil {
			return "", "", err
		}
		after += end
	}
	return before, after, nil
}

// values are what the history says of an action.
func (w *worker) values(run plan.StepRun) store.Values {
	part := Applying
	if run.Direction == Down {
		part = Reverting
	}
	v := store.Values{
		"part": string(part), "version": run.Version, "name": run.Name, "direction": string(run.Direction), "step": run.Number(),
		"checksum": run.Step().Checksum, "run": w.run, "rung_version": w.cfg.Version, "plan_hash": w.planHash,
	}
	w.addOrigin(v)
	return v
}

// claim is the entry that comes first: for up the row with all that the history
// keeps of the files, for down the mark that the version is on its way out.
func (w *worker) claim(a Action, v store.Values) (string, error) {
	if a.Direction == Down {
		return w.book.SQL("claim_down", v), nil
	}
	if err := w.addFiles(a, v); err != nil {
		return "", err
	}
	v["state"] = v["part"]
	if a.Below == nil {
		return w.book.SQL("claim_up", v), nil
	}
	v["below"] = *a.Below
	if w.byHand { // psql shows what the server says
		return w.book.SQL("claim_up", v) + w.book.SQL("claim_up_below", v), nil
	}
	// One statement instead of two. The state is NULL, which the column refuses,
	// where what the version comes on top of is gone: see nameStale.
	v["state"] = store.Fragment(w.book.SQL("claim_up_on", v))
	claim := w.book.SQL("claim_up", v)
	v["state"] = v["part"]
	return claim, nil
}

// upTextLimit is the size to which the history keeps the up SQL, for the diff.
const upTextLimit = 1 << 20

// addFiles puts checksums and texts of both files among the values.
func (w *worker) addFiles(a Action, v store.Values) error {
	up, down := a.Migration.Up, a.Migration.Down
	v["up_checksum"], v["up_sql"] = up.Checksum, nil
	v["down_checksum"], v["down_sql"] = nil, nil
	if up.Size <= upTextLimit && !up.Secret && !up.Parsed.NotText {
		text, err := up.Text()
		if err != nil {
			return err
		}
		v["up_sql"] = text
	}
	switch {
	case down == nil || len(down.Problems) > 0: // what is kept can run
	case down.Secret:
		v["down_checksum"] = down.Checksum
	default:
		text, err := down.Text()
		if err != nil {
			return err
		}
		v["down_checksum"], v["down_sql"] = down.Checksum, text
	}
	return nil
}

// checkpoint is the entry of one step: a new row, or the end of a started one.
func (w *worker) checkpoint(run plan.StepRun, state string, v store.Values) string {
	v["state"] = state
	_, known := w.rec.Steps[run.Key()]
	switch {
	case known && run.Step().Transactional():
		// The step was fixed into a transactional one after it had failed.
		return w.book.SQL("step_restarted", v) + w.book.SQL("step_finished", v)
	case known || !run.Step().Transactional():
		return w.book.SQL("step_finished", v)
	}
	return w.book.SQL("step_done", v)
}

// finish is the entry that ends an action.
func (w *worker) finish(a Action, v store.Values) (string, error) {
	if a.Direction == Down {
		v["checksum"] = a.Script.Checksum
		return w.book.SQL("finish_down", v), nil
	}
	if a.Script.Mode() == Transactional && !a.Resumed {
		return w.book.SQL("finish_up", v), nil
	}
	// The files may have been fixed since the claim.
	if err := w.addFiles(a, v); err != nil {
		return "", err
	}
	return w.book.SQL("finish_up_steps", v), nil
}

// limits are the settings that a transaction of the script starts with.
func (w *worker) limits(s *Script) string {
	var b strings.Builder
	set := func(name string, d time.Duration) {
		b.WriteString("SET LOCAL " + name + " = " + pgtext.Literal(files.Millis(d)) + ";\n")
	}
	set("lock_timeout", w.lockTimeout(s))
	if d, ok := w.statementTimeout(s); ok {
		set("statement_timeout", d)
	}
	return b.String()
}

func (w *worker) lockTimeout(s *Script) time.Duration {
	if s.LockTimeout != nil {
		return *s.LockTimeout
	}
	return w.cfg.LockTimeout
}

func (w *worker) statementTimeout(s *Script) (d time.Duration, ok bool) {
	if s.StatementTimeout != nil {
		return *s.StatementTimeout, true
	}
	return max(w.cfg.StatementTimeout, 0), w.cfg.StatementTimeout != 0
}
