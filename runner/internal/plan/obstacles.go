package plan

import (
	"errors"
	"fmt"
	"strings"

	"rung/runner/internal/files"
)

// Obstacles are all the reasons why a down cannot do what it is asked to, so
// that they are said at once: of many versions each may have one of its own.
type Obstacles struct {
	refusals []*RefusalError
	findings []Finding
	problems []files.Problem
	Other    error
	// first is the newest version that cannot be reverted, and above is true
	// where others that can stand above it.
	first *files.Version
	above bool
	seen  int
}

// Add takes in what planning one action has come to.
func (o *Obstacles) Add(a Action, err error) {
	var refusal *RefusalError
	var disagree *DisagreementError
	var bad *files.BadFilesError
	switch {
	case err == nil:
	case errors.As(err, &refusal):
		if o.first == nil {
			o.first, o.above = &a.Version, o.seen > 0
		}
		o.refusals = append(o.refusals, refusal)
	case errors.As(err, &disagree):
		o.findings = append(o.findings, disagree.Findings...)
	case errors.As(err, &bad):
		o.problems = append(o.problems, bad.Problems...)
	default:
		o.Other = err // one that has nothing to do with the files, and ends the asking
	}
	o.seen++
}

// Err is the error that says them: what cannot be done at all comes first.
func (o *Obstacles) Err() error {
	switch {
	case len(o.refusals) == 1:
		only := *o.refusals[0]
		if o.above {
			only.Hint = strings.TrimPrefix(fmt.Sprintf("%s; `rung down --to %s` reverts what is above it", only.Hint, *o.first), "; ")
		}
		return &only
	case len(o.refusals) > 1:
		var each []string
		for _, r := range o.refusals {
			each = append(each, r.Reason)
		}
		hint := "write down files for those that have none, and a new migration for what is irreversible"
		if o.above {
			hint += fmt.Sprintf("; `rung down --to %s` reverts what is above them", *o.first)
		}
		return &RefusalError{Reason: strings.Join(each, "\n"), Hint: hint, Each: each}
	case len(o.findings) > 0:
		return &DisagreementError{o.findings}
	case len(o.problems) > 0:
		return &files.BadFilesError{Problems: o.problems}
	}
	return o.Other
}
