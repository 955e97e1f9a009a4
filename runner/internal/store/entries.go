package store

import (
	"context"

	"rung/runner/internal/files"
	"rung/runner/internal/pgconn"
	"rung/runner/internal/plan"
)

// History is what the history tables say, and what a run writes to them.
type History struct {
	Book
	// Rec is what they said when they were last read.
	Rec *plan.Record
	// Run names the run, and RungVersion is rung's own version.
	Run, RungVersion string
	Origin           Origin
	// PlanHash is the hash that the plan was to have, or nil.
	PlanHash *string
	// ByHand is true where a script is written, which nobody knows who will run.
	ByHand bool
}

// Origin is where a run was started, and the note that it was given.
type Origin struct{ OSUser, Host, Job, Note string }

// AddOrigin puts what the log says of the run itself among the values.
func (h *History) AddOrigin(v Values) {
	o := h.Origin
	if h.ByHand {
		o = Origin{}
	}
	for key, text := range map[string]string{"os_user": o.OSUser, "host": o.Host, "job": o.Job, "note": o.Note} {
		v[key] = h.Start.Storable(text)
	}
}

// FixedEntries record a file whose last steps, which had not run, were taken out.
func (h *History) FixedEntries(a plan.Action) (string, error) {
	n := len(a.Script.Steps)
	v := h.Values(a.At(n - 1))
	end, err := h.finish(a, v)
	v["step"] = n + 1
	return h.SQL("step_fence", v) + h.SQL("steps_gone", v) + end, err
}

// Entries are what the history gets with the step: before the statements the
// claim, or in a later step the fence, so that a second application is
// impossible, and after them the end.
func (h *History) Entries(run plan.StepRun) (before, after string, err error) {
	v := h.Values(run)
	first, last := run.Index == 0 && !run.Resumed, run.Last()
	stepwise := run.Script.Mode() == files.Stepwise
	if first {
		if before, err = h.Claim(run.Action, v); err != nil {
			return "", "", err
		}
	} else {
		before = h.SQL("step_fence", v)
	}
	if stepwise {
		after = h.Checkpoint(run, "done", v)
	}
	if last {
		end, err := h.finish(run.Action, v)
		if err != nil {
			return "", "", err
		}
		after += end
	}
	return before, after, nil
}

// Values are what the history says of an action.
func (h *History) Values(run plan.StepRun) Values {
	part := plan.Applying
	switch {
	case run.Direction == files.Down:
		part = plan.Reverting
	case run.Work:
		part = plan.Background
	}
	v := Values{
		"part": string(part), "version": run.Version, "name": run.Name, "direction": string(run.Direction), "step": run.Number(),
		"checksum": run.Step().Checksum, "run": h.Run, "rung_version": h.RungVersion, "plan_hash": h.PlanHash,
	}
	h.AddOrigin(v)
	return v
}

// Claim is the entry that comes first: for up the row with all that the history
// keeps of the files, for down the state that says the version is on its way out.
func (h *History) Claim(a plan.Action, v Values) (string, error) {
	if a.Direction == files.Down {
		return h.claimDown(a, v), nil
	}
	if err := h.AddFiles(a, v); err != nil {
		return "", err
	}
	v["state"] = v["part"]
	if a.Below != nil {
		v["below"] = *a.Below
	}
	switch {
	case a.Below == nil && a.Expects == nil:
		return h.SQL("claim_up", v), nil
	case h.ByHand: // psql shows what the server says
		return h.SQL("claim_up", v) + h.SQL("claim_up_below", v), nil
	}
	// One statement instead of two. The state is NULL, which the column refuses,
	// where what the version comes on top of is gone: see nameStale.
	v["state"] = h.stateIf(a, v)
	claim := h.SQL("claim_up", v)
	v["state"] = v["part"]
	return claim, nil
}

// stateIf is SQL: the state that a claim gives a version, or NULL where the history is
// not what the plan was made from.
func (h *History) stateIf(a plan.Action, v Values) Fragment {
	v["and_unchanged"] = Fragment("")
	if a.Expects != nil {
		v["expects"] = *a.Expects
		v["scope_digest"] = h.scopeDigest("migrations")
		v["unchanged"] = Fragment(h.SQL("unchanged", v))
		v["and_unchanged"] = " AND " + v["unchanged"].(Fragment)
	}
	if a.Below == nil {
		return Fragment(h.SQL("claim_up_first", v))
	}
	return Fragment(h.SQL("claim_up_on", v))
}

// claimDown notes a version as on its way out, takes a background backfill from its
// worker, and ends a pause where the way down has batches too.
func (h *History) claimDown(a plan.Action, v Values) string {
	name := "claim_down"
	if h.Scope != "" {
		name = "claim_down_scope"
	}
	claim := h.SQL(name, v)
	if a.Row != nil && a.Row.State == plan.Background {
		claim += h.SQL("background_taken", v)
	}
	if a.Script.FirstBatch() < len(a.Script.Steps) {
		claim += h.SQL("pause_over", v)
	}
	return claim
}

// AddFiles puts checksums and texts of both files among the values.
func (h *History) AddFiles(a plan.Action, v Values) error {
	up, down := a.Migration.Up, a.Migration.Down
	v["up_checksum"], v["up_sql"] = up.Checksum, nil
	v["down_checksum"], v["down_sql"] = nil, nil
	if runnable(down) {
		v["down_checksum"] = down.Checksum
	}
	if h.Scope != "" {
		return nil // they are in texts
	}
	for _, f := range textsOf(a.Migration) {
		text, err := f.Text()
		if err != nil {
			return err
		}
		if f == up {
			v["up_sql"] = text
		} else {
			v["down_sql"] = text
		}
	}
	return nil
}

// Checkpoint is the entry of one step: a new row, or the end of a started one.
func (h *History) Checkpoint(run plan.StepRun, state string, v Values) string {
	v["state"] = state
	_, known := h.Rec.Steps[run.Key()]
	switch {
	case known && run.Step().Transactional():
		// The step was fixed into a transactional one after it had failed.
		return h.SQL("step_restarted", v) + h.SQL("step_finished", v)
	case known || !run.Step().Transactional():
		return h.SQL("step_finished", v)
	}
	return h.SQL("step_done", v)
}

// finish is the entry that ends an action.
func (h *History) finish(a plan.Action, v Values) (string, error) {
	if a.Direction == files.Down {
		v["checksum"] = a.Script.Checksum
		return h.SQL("finish_down", v), nil
	}
	if a.Script.Mode() == files.Transactional && !a.Resumed {
		return h.SQL("finish_up", v), nil
	}
	// The files may have been fixed since the claim.
	if err := h.AddFiles(a, v); err != nil {
		return "", err
	}
	return h.SQL("finish_up_steps", v), nil
}

// Started are the entries around a step outside of a transaction: before it
// the checkpoint, with the claim where it is the first one; after it the
// checkpoint's end, with the version's record where it is the last one.
func (h *History) Started(run plan.StepRun, table Fragment) (before, after string, err error) {
	_, again := h.Rec.Steps[run.Key()]
	v := h.Values(run)
	if run.Work { // nobody has reverted it
		before = h.SQL("step_fence", v)
	}
	if run.Index == 0 && !run.Resumed && !again {
		if before, err = h.Claim(run.Action, v); err != nil {
			return "", "", err
		}
	}
	v["table"], v["verb"] = table, run.Step().Verb
	if again {
		before += h.SQL("step_restarted", v)
	} else {
		before += h.SQL("step_started", v)
	}
	after = h.Checkpoint(run, "done", v)
	if run.Last() {
		end, err := h.finish(run.Action, v)
		return before, after + end, err
	}
	return before, after, nil
}

// Read reads the tables again.
func (h *History) Read(ctx context.Context, s *pgconn.Session) (err error) {
	h.Rec, err = h.ReadRecord(ctx, s, Whole)
	return pgconn.LostIs(err)
}
