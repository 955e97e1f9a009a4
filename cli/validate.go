package cli

import (
	"slices"

	ucli "github.com/urfave/cli/v2"

	"rung/runner"
)

func validateCommand(t *terminal) *ucli.Command {
	return &ucli.Command{
		Name:        "validate",
		Usage:       "check the directory, and the history against it",
		Description: "Reports all problems of all files at once (exit 2), ignored files as warnings, and all differences between the history and the directory (exit 3). With --offline it needs no database.",
		Flags: []ucli.Flag{
			&ucli.BoolFlag{Name: "offline", Usage: "do not ask the database"},
			&ucli.BoolFlag{Name: "strict", Usage: "refuse warnings too"},
		},
		Action: func(c *ucli.Context) error {
			if err := noArguments(c); err != nil {
				return err
			}
			d, err := t.load(c)
			if err != nil {
				return err
			}
			o := &jsonValidate{Migrations: len(d.Migrations), Warnings: list(t.warnings), Findings: []runner.Finding{}}
			if err := d.MustHaveFiles(); err != nil {
				return t.failWith(o, err)
			}
			bad := d.Problems
			if c.Bool("strict") {
				bad = slices.Concat(bad, t.warnings)
			} else {
				t.warnFiles(d, true)
			}
			if len(bad) > 0 {
				return t.failWith(o, &runner.BadFiles{Problems: bad})
			}
			if !c.Bool("offline") {
				if err := t.validateRecord(c, d, o); err != nil {
					return t.failWith(o, err)
				}
			}
			t.say("%s, no problems%s", count(len(d.Migrations), "migration"), butWarnings(len(o.Warnings)+len(o.Findings)))
			return t.finish(o)
		},
	}
}

// validateRecord compares with the record. Half-run migrations are no
// disagreement: the next run goes on with them.
func (t *terminal) validateRecord(c *ucli.Context, d *runner.Directory, o *jsonValidate) error {
	r, err := t.newRunner(c, runner.Config{Dir: d})
	if err != nil {
		return err
	}
	found, err := r.Validate(c.Context)
	if err != nil {
		return err
	}
	var wrong []runner.Finding
	for _, f := range found {
		o.Findings = append(o.Findings, f)
		if f.Kind == runner.HalfApplied || f.Kind == runner.HalfReverted {
			t.listener()(runner.Warned{Finding: f})
			continue
		}
		wrong = append(wrong, f)
	}
	if len(wrong) > 0 {
		return &runner.Disagreement{Findings: wrong}
	}
	return nil
}

func butWarnings(n int) string {
	if n == 0 {
		return ""
	}
	return ", " + count(n, "warning")
}

type jsonValidate struct {
	jsonResult
	Migrations int              `json:"migrations"`
	Warnings   []runner.Problem `json:"warnings"`
	Findings   []runner.Finding `json:"findings"`
}
