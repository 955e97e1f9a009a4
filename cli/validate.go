package cli

import (
	"slices"

	ucli "github.com/urfave/cli/v2"

	"rung/cli/internal/cmdline"
	"rung/cli/internal/show"
	"rung/runner"
)

func validateCommand(t *terminal) *ucli.Command {
	return &ucli.Command{
		Name:  "validate",
		Usage: "check the directory, and the history against it",
		UsageText: cmdline.Examples(
			"rung validate", "check the files, and the history against them",
			"rung validate --offline --strict", "check the files alone, without a database",
		),
		Description: "Reports all problems of all files at once (exit 2), ignored files as warnings, and all differences between the history and the directory (exit 3). With --offline it needs no database.",
		Flags: []ucli.Flag{
			&ucli.BoolFlag{Name: "offline", Usage: "check the files alone, without the database"},
			&ucli.BoolFlag{Name: "strict", Usage: "fail on warnings too"},
		},
		Action: func(c *ucli.Context) error {
			if err := cmdline.NoArguments(c); err != nil {
				return err
			}
			d, err := t.load(c)
			if err != nil {
				return err
			}
			o := &jsonValidate{Migrations: len(d.Migrations), Findings: []runner.Finding{}}
			err = d.MustHaveFiles()
			if err == nil {
				err = t.validate(c, d, o)
			}
			o.Warnings = show.List(t.warnings)
			if err != nil {
				return t.failWith(o, err)
			}
			t.say("%s, no problems%s", show.Count(len(d.Migrations), "migration"), butWarnings(len(o.Warnings)+len(o.Findings)))
			return t.finish(o)
		},
	}
}

// validate goes by the files alone where these have problems.
func (t *terminal) validate(c *ucli.Context, d *runner.Directory, o *jsonValidate) error {
	var wrong []runner.Finding
	var offline error
	if len(d.Problems) == 0 && !c.Bool("offline") {
		wrong, offline = t.validateRecord(c, d, o)
	}
	if bad := slices.Concat(d.Problems, t.warnings); c.Bool("strict") && len(bad) > 0 && offline == nil {
		return &runner.BadFilesError{Problems: bad}
	}
	t.warnFiles(d, true)
	switch {
	case len(d.Problems) > 0:
		return &runner.BadFilesError{Problems: d.Problems}
	case len(wrong) > 0:
		return &runner.DisagreementError{Findings: wrong}
	}
	return offline
}

// validateRecord compares with the history. Half-run migrations are no
// disagreement: the next run resumes them.
func (t *terminal) validateRecord(c *ucli.Context, d *runner.Directory, o *jsonValidate) (wrong []runner.Finding, err error) {
	r, err := t.newRunner(c, runner.Config{Dir: d})
	if err != nil {
		return nil, err
	}
	st, err := r.Status(c.Context)
	if err != nil {
		return nil, err
	}
	t.heed(st.DirectoryWarnings)
	for _, f := range st.Findings {
		o.Findings = append(o.Findings, f)
		if f.Kind == runner.HalfApplied || f.Kind == runner.HalfReverted {
			t.listener()(runner.Warned{Finding: f})
			continue
		}
		wrong = append(wrong, f)
	}
	return wrong, nil
}

func butWarnings(n int) string {
	if n == 0 {
		return ""
	}
	return ", " + show.Count(n, "warning")
}

type jsonValidate struct {
	jsonResult
	Migrations int              `json:"migrations"`
	Warnings   []runner.Problem `json:"warnings"`
	Findings   []runner.Finding `json:"findings"`
}
