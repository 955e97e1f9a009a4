package plan

import (
	"fmt"

	"rung/runner/internal/files"
)

// Insist refuses a plan that is not the reviewed one. What an interrupted run
// of the same plan has applied counts as part of it.
func (p *Plan) Insist(hash string, d *files.Directory, r *Record) error {
	if hash == "" || len(p.Actions) == 0 {
		return nil
	}
	all := make([]Action, 0, len(r.Rows)+len(p.Actions))
	for i := range r.Rows {
		row := &r.Rows[i]
		if m := d.Find(row.Version); row.PlanHash != nil && *row.PlanHash == hash && row.State == Applied && m != nil && m.Up != nil {
			all = append(all, ActionOf(files.Up, m, row, m.Up, r))
		}
	}
	if got := hashOf(append(all, p.Actions...)); got != hash {
		return &DisagreementError{[]Finding{{
			Kind: OtherPlan, What: fmt.Sprintf("the plan's hash is %s, not %s as --plan-hash requires", p.Hash, hash),
			Fix: "review `rung plan` again and pass its hash",
		}}}
	}
	return nil
}

// MustBeTransactional refuses, where all is to be one transaction, stepwise
// files and those that ask for an isolation level or the like.
func (p *Plan) MustBeTransactional() error {
	for _, a := range p.Actions {
		for _, s := range a.Script.Steps {
			if verb := s.Verb; verb != "" {
				return &RefusalError{
					Reason: fmt.Sprintf("%s:%d: PostgreSQL refuses %s inside a transaction, so --single-transaction cannot run it", a.Script.Path, a.Script.Pos(s.First).Line, verb),
					Hint:   "run `rung up` without it",
				}
			}
		}
		if a.Script.Mode() == files.Stepwise {
			return &RefusalError{
				Reason: fmt.Sprintf("%s runs step by step, so --single-transaction cannot run it", a.Script.Path),
				Hint:   "run `rung up` without it",
			}
		}
		if i, ok := a.Script.KindOfTransaction(); ok {
			return &RefusalError{
				Reason: fmt.Sprintf("%s:%d: --single-transaction has one transaction for all files, and this file says how its own is to run", a.Script.Path, a.Script.Pos(i).Line),
				Hint:   "run `rung up` without it",
			}
		}
	}
	return nil
}
