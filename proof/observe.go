package proof

import (
	"context"

	"rung/runner"
)

// file runs one pending file in a session of its own.
func (o *observer) file(ctx context.Context, v runner.Version, d runner.Direction, s *runner.Script, firstStep int, zone string) error {
	closeSession, err := o.open(ctx, zone)
	if err != nil {
		return err
	}
	defer closeSession()
	o.script, o.sts, o.version, o.direction = s, s.Statements(), v, d
	if err := o.look(ctx); err != nil {
		return err
	}
	before, err := o.readRights(ctx)
	if err != nil {
		return err
	}
	for _, step := range s.Steps[min(firstStep, len(s.Steps)):] {
		if err := o.step(ctx, step); err != nil {
			return err
		}
	}
	after, err := o.readRights(ctx)
	if err == nil && o.rebuilt != nil {
		o.rebuilt(before, after)
	}
	return err
}

// step runs what production commits as one.
func (o *observer) step(ctx context.Context, step runner.Step) error {
	if step.Verb != "" && step.Batch == nil {
		return o.outsideStep(ctx, step)
	}
	var args []any
	if step.Batch != nil {
		args = o.bounds(ctx, step.Batch)
	}
	return o.transaction(ctx, step, args)
}

// transaction runs the statements of a step in one, and commits it.
func (o *observer) transaction(ctx context.Context, step runner.Step, args []any) error {
	if err := o.exec(ctx, "BEGIN"); err != nil {
		return err
	}
	o.tx = &transaction{held: map[int64]heldLock{}}
	defer func() { o.tx = nil }()
	if err := o.look(ctx); err != nil {
		return err
	}
	var last *moment
	for i := step.First; i < step.Last; i++ {
		m := o.begin(i, step)
		if err := o.run(ctx, m, i, args); err != nil {
			return err
		}
		last = m
	}
	err := o.exec(ctx, "COMMIT")
	if err != nil {
		if !ofServer(err) {
			return err
		}
		if last != nil {
			last.fail(&runner.StatementError{File: o.script.Path, Part: runner.AtCommit, Err: err})
			o.judge(last)
		}
	}
	return o.look(ctx)
}
