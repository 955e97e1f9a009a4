package cli

import (
	"slices"
	"sync"

	"rung/proof"
	"rung/runner"
)

// reviewSettings are what the flags of review, of plan --observe and of up --review
// ask for, whatever the database is; and over a fleet what its targets share.
type reviewSettings struct {
	cfg    proof.ReviewConfig
	failOn proof.Severity

	mu       sync.Mutex // guards what follows
	merged   proof.MergedReview
	targets  int
	problems []runner.Problem
}

// add takes in what was found on one target, and what is wrong with the files'
// directives.
func (s *reviewSettings) add(target string, r *proof.ReviewReport, bad *runner.BadFilesError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.targets++
	s.merged.Add(target, r)
	if bad == nil {
		return
	}
	for _, p := range bad.Problems {
		if !slices.Contains(s.problems, p) {
			s.problems = append(s.problems, p)
		}
	}
}
