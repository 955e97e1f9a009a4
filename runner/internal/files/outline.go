package files

import (
	"strings"
)

// StepOutline is what a plan shows of a step.
type StepOutline struct {
	Line int `json:"line"`
	// Statement is the step's first statement on one line, its passwords hidden.
	Statement string `json:"statement"`
	// Statements is how many the step has.
	Statements int `json:"statements"`
	// Verb names the statement if PostgreSQL refuses it inside a transaction.
	Verb string `json:"outside,omitempty"`
	// Batch is the key that the step goes over in batches.
	Batch string `json:"batch,omitempty"`
}

// Outline lists the script's steps.
func (s *Script) Outline() []StepOutline {
	out := make([]StepOutline, len(s.Steps))
	for i, step := range s.Steps {
		out[i] = StepOutline{Statements: step.Last - step.First, Verb: step.Verb}
		if step.Batch != nil {
			out[i].Batch = step.Batch.Table + " (" + strings.Join(step.Batch.Columns, ", ") + ")"
		}
		if step.First < step.Last {
			out[i].Line = s.Pos(step.First).Line
			out[i].Statement = strings.Join(strings.Fields(s.mask(s.Bare(step.First))), " ")
		}
	}
	return out
}
