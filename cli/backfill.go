package cli

import (
	"fmt"
	"time"

	"rung/runner"
)

type jsonBackfill struct {
	runner.Progress
	ETAMS float64 `json:"eta_ms"`
}

func backfillJSON(p runner.Progress) jsonBackfill {
	return jsonBackfill{p, millis(p.ETA())}
}

func backfillsJSON(all []runner.Progress) (out []jsonBackfill) {
	for _, p := range all {
		out = append(out, backfillJSON(p))
	}
	return out
}

// progressText says how far a backfill is.
func progressText(p runner.Progress) string {
	s := fmt.Sprintf("%s of about %s rows", digits(p.Keys), digits(p.Total))
	if p.Total > 0 {
		s += fmt.Sprintf(" (%d %%)", 100*p.Keys/p.Total)
	}
	if p.Rate > 0 {
		s += fmt.Sprintf(", %s rows/s", digits(int64(p.Rate)))
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
	s := fmt.Sprintf("%s walked in %s, %s changed", things(p.Keys, "key"), things(int64(p.Batches), "batch"), things(p.Rows, "row"))
	if p.Note != "" {
		s += "; " + p.Note
	}
	return s
}
