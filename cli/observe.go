package cli

import (
	"errors"
	"fmt"
	"strings"

	ucli "github.com/urfave/cli/v2"

	"rung/cli/internal/fault"
	"rung/cli/internal/show"
	"rung/internal/secret"
	"rung/proof"
	"rung/runner"
)

// observe reviews what a plan of up would run, and nothing else.
func (t *terminal) observe(c *ucli.Context, d *runner.Directory, p *runner.Plan) (*proof.ReviewReport, error) {
	cfg := proof.ReviewConfig{Dir: d, Plan: p, Live: true, UpOnly: true, Progress: t.reviewProgress, Runner: t.reviewRunner(c)}
	var err error
	if cfg.Runner.Conn, err = connConfig(c); err != nil {
		return nil, err
	}
	if cfg.Scratch.Conn, err = scratchFlag(c); err != nil {
		return nil, err
	}
	if cfg.Severities, err = t.reviewSeverities(directories(c), nil); err != nil {
		return nil, err
	}
	r, err := proof.Review(c.Context, cfg)
	t.live.Clear()
	return r, err
}

// finishObserved ends plan: with --observe, after what the plan's statements were
// seen to do.
func (t *terminal) finishObserved(c *ucli.Context, d *runner.Directory, p *runner.Plan) error {
	o := t.planJSON(p)
	if !c.Bool("observe") || len(p.Actions) == 0 {
		return t.finish(o)
	}
	report, err := t.observe(c, d, p)
	if err != nil {
		return t.failWith(o, err)
	}
	t.sayFacts(report)
	o.observed(report)
	return t.finish(o)
}

// sayFacts prints what each statement of a plan was observed to do.
func (t *terminal) sayFacts(r *proof.ReviewReport) {
	for line := range strings.Lines(r.Text(true)) {
		t.say("%s", secret.Mask(strings.TrimRight(line, "\n")))
	}
}

// upReviewed refuses, before anything runs, what review finds too dangerous.
func (t *terminal) upReviewed(c *ucli.Context, req runner.UpRequest) (*runner.Runner, error) {
	failOn, err := severityFlag("review", c.String("review"))
	if err != nil {
		return nil, err
	}
	d, err := t.load(c)
	if err != nil {
		return nil, err
	}
	t.warnFiles(d, false)
	if err := d.MustHaveFiles(); err != nil {
		return nil, err
	}
	r, err := t.newRunner(c, runner.Config{Dir: d})
	if err != nil {
		return nil, err
	}
	p, err := r.Plan(c.Context, runner.Up, req)
	if err != nil || len(p.Actions) == 0 {
		return r, err
	}
	report, err := t.observe(c, d, p)
	if report != nil && (report.Worst(failOn) > 0 || err != nil) {
		for line := range strings.Lines(report.Text(failOn == proof.Notice)) {
			t.say("%s", secret.Mask(strings.TrimRight(line, "\n")))
		}
	}
	var bad *runner.BadFilesError
	if err != nil && !errors.As(err, &bad) {
		return nil, fmt.Errorf("review before up: %w", err)
	}
	if n := report.Worst(failOn); n > 0 && failOn != proof.Off {
		return nil, &runner.HintedError{
			Err:  fmt.Errorf("nothing was applied: %s of severity %s or worse: %w", show.Count(n, "finding"), failOn, fault.ErrFound),
			Hint: "change the file, or write `-- rung:allow ID REASON` above the statement",
		}
	}
	return r, err
}
