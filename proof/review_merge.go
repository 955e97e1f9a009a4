package proof

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"rung/runner"
)

// MergedReview is one report on many databases: each finding once, as it is on the
// database where it is gravest. It keeps no more than that. Its zero value is empty.
type MergedReview struct {
	report     ReviewReport
	findings   map[string]*ReviewFinding
	statements map[string]*Observed
	relations  map[string]*LiveRelation
}

// Add takes in what a review of one database reports.
func (m *MergedReview) Add(target string, r *ReviewReport) {
	all := &m.report
	if all.Targets++; all.Targets == 1 {
		m.findings, m.statements, m.relations = map[string]*ReviewFinding{}, map[string]*Observed{}, map[string]*LiveRelation{}
		all.files = map[runner.Version]*runner.Migration{}
	}
	all.Server, all.Took = cmp.Or(all.Server, r.Server), max(all.Took, r.Took)
	all.LiveServer, all.TimeZone = either(all.LiveServer, r.LiveServer), either(all.TimeZone, r.TimeZone)
	for _, v := range r.Versions {
		if all.files[v] == nil {
			all.files[v], all.Versions = r.files[v], append(all.Versions, v)
		}
	}
	for _, s := range r.Statements {
		if key := s.key(); m.statements[key] == nil {
			m.statements[key], all.Statements = s, append(all.Statements, s)
		}
	}
	for _, f := range r.Findings {
		m.add(&all.Findings, target, f)
	}
	for _, f := range r.Suppressed {
		m.add(&all.Suppressed, target, f)
	}
	for _, l := range r.Relations {
		if known := m.relations[l.Relation]; known == nil || known.Bytes < l.Bytes {
			m.relations[l.Relation] = l
		}
	}
	for _, note := range r.Notes {
		if !slices.Contains(all.Notes, note) {
			all.Notes = append(all.Notes, note)
		}
	}
}

// add keeps a finding, or counts it where it is known.
func (m *MergedReview) add(to *[]*ReviewFinding, target string, f *ReviewFinding) {
	key := fmt.Sprintf("%s %s:%d %q %q", f.ID, f.File, f.Line, f.Relation, f.What)
	known := m.findings[key]
	if known == nil {
		known = &ReviewFinding{}
		m.findings[key], *to = known, append(*to, known)
	} else if n := f.graver(known); n < 0 || n == 0 && target > known.Target {
		known.Targets++
		return
	}
	n := known.Targets + 1
	*known = *f
	known.Target, known.Targets = target, n
	if s := m.statements[f.statement.key()]; s != nil && s != f.statement.Observed {
		own := *f.statement
		own.Observed = s // the one that is reported
		known.statement = &own
	}
}

// graver is above 0 for a finding that is worse than the same one of another database.
func (f *ReviewFinding) graver(other *ReviewFinding) int {
	size := func(f *ReviewFinding) int64 {
		if f.Bytes == nil {
			return -1
		}
		return *f.Bytes
	}
	return cmp.Or(f.Severity.rank()-other.Severity.rank(), cmp.Compare(size(f), size(other)))
}

// key is the same for one statement of a file in all reviews.
func (s *Observed) key() string {
	return fmt.Sprintf("%s:%d %s %s", s.File, s.Line, s.Direction, s.SQL)
}

// either is what two databases have, or both where they differ.
func either(a, b string) string {
	if b == "" || slices.Contains(strings.Split(a, ", "), b) {
		return a
	}
	if a == "" {
		return b
	}
	return a + ", " + b
}

// Report is the report on all that was added.
func (m *MergedReview) Report() *ReviewReport {
	r := m.report
	slices.SortFunc(r.Versions, runner.Version.Compare)
	sortStatements(r.Statements)
	for _, name := range slices.Sorted(maps.Keys(m.relations)) {
		r.Relations = append(r.Relations, m.relations[name])
	}
	for _, f := range m.findings {
		f.among = r.Targets
	}
	sortFindings(r.Findings)
	sortFindings(r.Suppressed)
	return &r
}
