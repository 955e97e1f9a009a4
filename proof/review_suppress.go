package proof

import (
	"cmp"
	"slices"
	"strings"

	"rung/internal/pgtext"
	"rung/runner"
)

// settle sorts the findings, takes those out that a file suppresses, and returns
// what is wrong with the directives that do so.
func (v *review) settle(found []*ReviewFinding) (problems []runner.Problem) {
	sortFindings(found)
	for _, f := range found {
		for _, allow := range f.statement.statement.Allows {
			if allow.ID == f.ID {
				f.Suppressed = allow.Reason
			}
		}
		switch {
		case f.silent || f.Severity == Off:
		case f.Suppressed != "":
			v.report.Suppressed = append(v.report.Suppressed, f)
		default:
			v.report.Findings = append(v.report.Findings, f)
		}
	}
	for _, m := range v.pending {
		if m.beside {
			continue
		}
		problems = append(problems, allowProblems(m.Up, m.firstStep, found)...)
		if m.Down != nil && slices.ContainsFunc(v.report.Statements, func(s *Observed) bool { return s.File == m.Down.Path }) {
			problems = append(problems, allowProblems(m.Down, 0, found)...)
		}
	}
	return problems
}

// sortFindings puts them in the order of the files, the gravest of a line first.
func sortFindings(found []*ReviewFinding) {
	slices.SortStableFunc(found, func(a, b *ReviewFinding) int {
		return cmp.Or(a.Version.Compare(b.Version), strings.Compare(string(b.statement.Direction), string(a.statement.Direction)), a.Line-b.Line, b.Severity.rank()-a.Severity.rank())
	})
}

// allowProblems are the `-- rung:allow` of a file that suppress nothing.
func allowProblems(s *runner.Script, firstStep int, found []*ReviewFinding) (problems []runner.Problem) {
	problem := func(a runner.Allow, what, fix string) {
		problems = append(problems, runner.Problem{File: s.Path, Line: a.Line, Col: 1, What: "rung:allow " + a.ID + " " + what, Fix: fix})
	}
	for _, a := range s.StrayAllows() {
		problem(a, "stands below the last statement", "put it above the statement that it is about, or into it")
	}
	first := 0
	if firstStep < len(s.Steps) {
		first = s.Steps[firstStep].First
	}
	for i, st := range s.Statements() {
		of := func(f *ReviewFinding) bool {
			return f.File == s.Path && f.statement.statement.Line == st.Line && f.statement.statement.Col == st.Col
		}
		for _, a := range st.Allows {
			fails := slices.ContainsFunc(found, func(f *ReviewFinding) bool { return of(f) && f.Severity == Error })
			used := slices.ContainsFunc(found, func(f *ReviewFinding) bool { return of(f) && f.ID == a.ID })
			switch {
			case FindRecord(a.ID) == nil:
				fix := "docs/findings.md lists the ids"
				if near := pgtext.Nearest(a.ID, FindingIDs(), 3); near != "" {
					fix = "did you mean " + near + "?"
				}
				problem(a, "names no finding", fix)
			case !used && !fails && i >= first:
				problem(a, "has nothing to suppress in its statement", "take it out, or put it above the statement that it is about")
			}
		}
	}
	return problems
}
