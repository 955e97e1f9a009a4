package fault

import (
	"testing"

	"rung/runner"
)

// A server that answered is not to be looked for: each finding has its own hint.
func TestNoServerHintForFindings(t *testing.T) {
	err := &runner.UnreachableError{Err: &runner.DisagreementError{Findings: []runner.Finding{{What: "rung.log has the trigger z", Fix: "drop it"}}}}
	if got := hintOf(err); got != "" {
		t.Error(got)
	}
}
