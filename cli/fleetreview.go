package cli

import (
	ucli "github.com/urfave/cli/v2"

	"rung/proof"
	"rung/runner"
)

// fleetReview are the settings for a fleet, or nil where the command reviews nothing.
func (t *terminal) fleetReview(c *ucli.Context) (s *reviewSettings, err error) {
	switch {
	case c.Command.Name == "review":
		s, err = t.reviewSettings(c, "fail-on")
	case c.Command.Name == "up" && c.String("review") != "":
		s, err = t.reviewSettings(c, "review")
	case c.Command.Name == "plan" && c.Bool("observe"):
		s, err = t.reviewSettings(c, "")
	}
	if s != nil {
		s.cfg.Reviews = &proof.Reviews{}
	}
	return s, err
}

// sayReview prints one report for all targets that were reviewed, and returns the
// error that review ends with.
func (f *fleetRun) sayReview(c *ucli.Context) error {
	s := f.review
	if s == nil || s.targets == 0 {
		return nil
	}
	report := s.merged.Report()
	if f.command != "review" {
		f.t.sayFacts(report, f.command == "plan" || s.failOn == proof.Notice)
		return nil
	}
	var bad error
	if len(s.problems) > 0 {
		bad = &runner.BadFilesError{Problems: s.problems}
	}
	if err := f.t.reviewed(c, report, s.failOn, bad); err != nil {
		return err
	}
	return bad
}
