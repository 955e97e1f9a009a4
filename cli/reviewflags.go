package cli

import (
	"slices"
	"strings"

	ucli "github.com/urfave/cli/v2"

	"rung/cli/internal/fault"
	"rung/proof"
	"rung/runner"
)

// reviewSettings reads the flags; failOn is the one with the severity that fails, or "".
func (t *terminal) reviewSettings(c *ucli.Context, failOn string) (s *reviewSettings, err error) {
	if t.member != nil {
		return t.member.review, nil // read once, for all targets
	}
	s = &reviewSettings{failOn: proof.Off}
	s.cfg.Runner = t.reviewRunner(c)
	if failOn != "" {
		if s.failOn, err = severityFlag(failOn, c.String(failOn)); err != nil {
			return nil, err
		}
	}
	if s.cfg.Severities, err = t.reviewSeverities(c); err != nil {
		return nil, err
	}
	if s.cfg.Scratch.Conn, err = scratchFlag(c); err != nil || c.Command.Name != "review" {
		return s, err
	}
	if from := c.String("from"); from != "" {
		v, err := runner.ParseVersion(from)
		if err != nil {
			return nil, fault.Usagef("it is the number before the first underscore of the file name", "--from: %w", err)
		}
		s.cfg.From = &v
	}
	if s.cfg.Only, err = changedSince(c); err != nil {
		return nil, err
	}
	s.cfg.CheckData = c.Bool("check-data")
	asked := func(s string) bool { return strings.HasPrefix(s, "would-violate=") }
	if slices.ContainsFunc(c.StringSlice("severity"), asked) && !s.cfg.CheckData {
		return nil, fault.Usagef("add --check-data", "--severity: would-violate is looked for in the live rows only, and they are not asked")
	}
	return s, nil
}
