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
func (t *terminal) observe(c *ucli.Context, settings *reviewSettings, d *runner.Directory, p *runner.Plan) (*proof.ReviewReport, error) {
	cfg := settings.cfg
	cfg.Dir, cfg.Plan, cfg.Live, cfg.UpOnly, cfg.Progress = d, p, true, true, t.reviewProgress
	if err := t.aim(c, &cfg.Runner); err != nil {
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
	settings, err := t.reviewSettings(c, "")
	if err != nil {
		return t.failWith(o, err)
	}
	report, err := t.observe(c, settings, d, p)
	if err != nil {
		return t.failWith(o, err)
	}
	o.observed(report)
	if t.member != nil {
		settings.add(t.member.Name, report, nil)
		return t.finish(o)
	}
	t.sayFacts(report, true)
	return t.finish(o)
}

// sayFacts prints what was found, or with all what each statement was observed to do.
func (t *terminal) sayFacts(r *proof.ReviewReport, all bool) {
	for line := range strings.Lines(r.Text(all)) {
		t.say("%s", secret.Mask(strings.TrimRight(line, "\n")))
	}
}

// upReviewed refuses, before anything runs, what review finds too dangerous.
func (t *terminal) upReviewed(c *ucli.Context, req runner.UpRequest) (*runner.Runner, error) {
	settings, err := t.reviewSettings(c, "review")
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
	report, err := t.observe(c, settings, d, p)
	refused := report != nil && settings.failOn != proof.Off && report.Worst(settings.failOn) > 0
	switch {
	case refused && t.member != nil:
		settings.add(t.member.Name, report, nil)
	case refused || report != nil && err != nil:
		t.sayFacts(report, settings.failOn == proof.Notice)
	}
	var bad *runner.BadFilesError
	switch {
	case err != nil && !errors.As(err, &bad):
		return nil, fmt.Errorf("review before up: %w", err)
	case refused:
		return nil, &runner.HintedError{
			Err:  fmt.Errorf("nothing was applied: %s of severity %s or worse: %w", show.Count(report.Worst(settings.failOn), "finding"), settings.failOn, fault.ErrFound),
			Hint: "change the file, or write `-- rung:allow ID REASON` above the statement",
		}
	}
	return r, err
}
