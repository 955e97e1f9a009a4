package events

import (
	"fmt"
	"time"

	"rung/cli/internal/show"
	"rung/runner"
)

// Backfill is how far a backfill is, in JSON.
type Backfill struct {
	runner.Progress
	ETAMS float64 `json:"eta_ms"`
}

// BackfillOf is that of a progress.
func BackfillOf(p runner.Progress) Backfill {
	return Backfill{p, show.Millis(p.ETA())}
}

// BackfillsOf is nil for none.
func BackfillsOf(all []runner.Progress) (out []Backfill) {
	for _, p := range all {
		out = append(out, BackfillOf(p))
	}
	return out
}

// ProgressText says how far a backfill is.
func ProgressText(p runner.Progress) string {
	s := fmt.Sprintf("%s of about %s rows", show.Digits(p.Keys), show.Digits(p.Total))
	if p.Total > 0 {
		s += fmt.Sprintf(" (%d %%)", 100*p.Keys/p.Total)
	}
	if p.Rate > 0 {
		s += fmt.Sprintf(", %s rows/s", show.Digits(int64(p.Rate)))
	}
	if eta := p.ETA(); eta > 0 {
		s += ", " + eta.Round(time.Second).String() + " left"
	}
	if p.Paused {
		s += ", paused"
		if p.By != "" {
			s += " by " + p.By
		}
	}
	if p.Note != "" {
		s += "; " + p.Note
	}
	return s
}

// totalText says what a backfill has done.
func totalText(p runner.Progress) string {
	s := fmt.Sprintf("%s walked in %s, %s changed", show.Things(p.Keys, "key"), show.Things(int64(p.Batches), "batch"), show.Things(p.Rows, "row"))
	if p.Note != "" {
		s += "; " + p.Note
	}
	return s
}
