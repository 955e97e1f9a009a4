package runner

import (
	"context"

	"rung/runner/internal/files"
	"rung/runner/internal/pgconn"
	"rung/runner/internal/plan"
	"rung/runner/internal/store"
)

// endFixed records a file whose last steps, which had not run, were taken out.
func (w *worker) endFixed(ctx context.Context, a plan.Action) error {
	entries, err := w.fixedEntries(a)
	if err != nil {
		return err
	}
	return w.entriesAlone(ctx, a, entries, w.title(a)+" is not recorded as done yet")
}

// entriesAlone writes to the history what goes along with no step. Where says
// what is in place without it.
func (w *worker) entriesAlone(ctx context.Context, a plan.Action, entries, where string) error {
	err := w.s.Exec(ctx, w.book.Begin("ISOLATION LEVEL READ COMMITTED")+w.limits(a.Script)+entries+"COMMIT")
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return &StoppedError{Where: where, Cause: context.Cause(ctx)}
	case w.book.IsConflict(err):
		err = &conflictError{err}
	case pgconn.IsLost(err):
		return pgconn.LostIs(err)
	}
	return w.rollback(ctx, err)
}

func (w *worker) fixedEntries(a plan.Action) (string, error) {
	n := len(a.Script.Steps)
	v := w.values(a.At(n - 1))
	end, err := w.finish(a, v)
	v["step"] = n + 1
	return w.book.SQL("step_fence", v) + w.book.SQL("steps_gone", v) + end, err
}

// entries are what the history gets with the step: before the statements the
// claim, or in a later step the fence, so that a second application is
// impossible, and after them the end.
func (w *worker) entries(run plan.StepRun) (before, after string, err error) {
	v := w.values(run)
	first, last := run.Index == 0 && !run.Resumed, run.Last()
	stepwise := run.Script.Mode() == files.Stepwise
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
	part := plan.Applying
	switch {
	case run.Direction == files.Down:
		part = plan.Reverting
	case run.Work:
		part = plan.Background
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
func (w *worker) claim(a plan.Action, v store.Values) (string, error) {
	if a.Direction == files.Down {
		return w.claimDown(a, v), nil
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

// claimDown marks a version as on its way out, and takes a background backfill from
// its worker.
func (w *worker) claimDown(a plan.Action, v store.Values) string {
	claim := "claim_down"
	if w.book.Scope != "" {
		claim = "claim_down_scope"
	}
	if a.Row != nil && a.Row.State == plan.Background {
		return w.book.SQL(claim, v) + w.book.SQL("background_taken", v)
	}
	return w.book.SQL(claim, v)
}

// upTextLimit is the size to which the history keeps the up SQL, for the diff.
const upTextLimit = 1 << 20

// addFiles puts checksums and texts of both files among the values.
func (w *worker) addFiles(a plan.Action, v store.Values) error {
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
func (w *worker) finish(a plan.Action, v store.Values) (string, error) {
	if a.Direction == files.Down {
		v["checksum"] = a.Script.Checksum
		return w.book.SQL("finish_down", v), nil
	}
	if a.Script.Mode() == files.Transactional && !a.Resumed {
		return w.book.SQL("finish_up", v), nil
	}
	// The files may have been fixed since the claim.
	if err := w.addFiles(a, v); err != nil {
		return "", err
	}
	return w.book.SQL("finish_up_steps", v), nil
}
