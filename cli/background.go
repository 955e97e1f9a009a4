package cli

import (
	"slices"
	"strings"

	"rung/cli/internal/events"
	"rung/runner"
)

// sayBackgrounds prints a line for each backfill that is not done.
func (t *terminal) sayBackgrounds(all []runner.Background) {
	for _, b := range all {
		t.say("background backfill of version %s: %s", b.Version, events.BackgroundText(b))
	}
}

// requiredText says for which backfills a file waits.
func requiredText(rep *runner.Report) string {
	var of []string
	for _, b := range rep.Background {
		if slices.Contains(rep.Plan.WaitsFor, b.Version) {
			of = append(of, b.Title+" ("+events.ProgressText(b.Progress)+")")
		}
	}
	return "it requires the backfill of " + strings.Join(of, ", ")
}
