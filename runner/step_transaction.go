package runner

import (
	"context"

	"rung/runner/internal/plan"
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
	before, after, err := t.w.history.Entries(run)
	if err != nil {
		return err
	}
	if err := t.body(before); err != nil {
		return err
	}
	t.say(after + t.w.twoPhase())
	return nil
}
