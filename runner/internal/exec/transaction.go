package exec

import (
	"context"

	"rung/runner/internal/pgconn"
	"rung/runner/internal/plan"
)

// Transaction runs a step together with its bookkeeping as one transaction,
// in one message unless COPY data or sheer size asks for more.
func (x *Session) Transaction(ctx context.Context, run plan.StepRun) error {
	t := x.NewSender(ctx, run)
	if err := t.fill(run); err != nil {
		return err
	}
	t.Say("COMMIT;\n" + x.resetAfter(run))
	return t.Flush()
}

// fill puts the step and its bookkeeping into the message, up to the COMMIT.
func (t *Sender) fill(run plan.StepRun) error {
	before, after, err := t.x.History.Entries(run)
	if err != nil {
		return err
	}
	if err := t.body(before); err != nil {
		return err
	}
	t.Say(after + t.x.Cluster.TwoPhase())
	return nil
}

// OneOfMany runs the one step of an action in a transaction that it shares with those of
// others: the first opens it, and the last commits.
func (x *Session) OneOfMany(ctx context.Context, a plan.Action, first, last bool) error {
	before, after, err := x.History.Entries(a.At(0))
	if err != nil {
		return err
	}
	t := x.NewSender(ctx, a.At(0))
	if first {
		t.Say("BEGIN;\n")
	}
	if err := t.body(before); err != nil {
		return err
	}
	t.Say(after + x.Cluster.TwoPhase())
	if !last {
		t.Say(x.History.SQL("reset", nil))
		return t.flushOpen()
	}
	t.Say("COMMIT;\n" + x.History.SQL("reset", nil))
	return t.Flush()
}

// RegisterRest notes in one transaction that all is in place but the backfill.
func (x *Session) RegisterRest(ctx context.Context, run plan.StepRun, rows int64) error {
	v := x.History.Values(run)
	before := x.History.SQL("step_fence", v)
	if run.Index == 0 && !run.Resumed {
		var err error
		if before, err = x.History.Claim(run.Action, v); err != nil {
			return err
		}
	}
	if err := x.History.AddFiles(run.Action, v); err != nil {
		return err
	}
	state, _ := plan.NextBackfill(plan.NoBackfill, plan.BackfillRegister)
	v["state"], v["estimate"], v["action"], v["checksum"] = string(state), rows, "register", run.Script.Checksum
	t := x.NewSender(ctx, run)
	t.Say(x.History.Begin("") + before + x.History.SQL("background_register", v) + x.History.SQL("log", v))
	t.Mark(pgconn.MarkEnd)
	t.Say("COMMIT;\n" + x.History.SQL("reset", nil))
	return t.Flush()
}
