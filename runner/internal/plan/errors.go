package plan

import (
	"strings"
)

// RefusalError is a request that the directory or the history does not allow:
// an irreversible migration, a version that does not exist.
type RefusalError struct {
	Reason, Hint string
	// Each are the reasons where there are several; Reason has them all.
	Each []string
}

func (e *RefusalError) Error() string { return e.Reason }

// DisagreementError is a history and a directory that do not agree.
type DisagreementError struct{ Findings []Finding }

func (e *DisagreementError) Error() string {
	lines := make([]string, len(e.Findings))
	for i, f := range e.Findings {
		lines[i] = f.String()
	}
	return strings.Join(lines, "\n")
}
