package fault

import (
	"fmt"
	"strings"
	"time"

	"rung/cli/internal/show"
	"rung/internal/secret"
	"rung/runner"
)

// Blocker is a session that holds a lock, in JSON.
type Blocker struct {
	runner.Blocker
	AgeMS float64 `json:"age_ms"`
}

// Blockers is never nil.
func Blockers(bs []runner.Blocker) []Blocker {
	out := []Blocker{}
	for _, b := range bs {
		out = append(out, Blocker{b, show.Millis(b.Age)})
	}
	return out
}

// BlockersText names sessions in a row.
func BlockersText(bs []runner.Blocker) string {
	var all []string
	for _, b := range Blockers(bs) {
		all = append(all, blockerText(b))
	}
	return strings.Join(all, "; ")
}

// blockerText names a session that blocks, as far as this role may see it.
func blockerText(b Blocker) string {
	s := fmt.Sprintf("pid %d", b.PID)
	if b.User != "" {
		s += show.Text(", user %s", b.User)
	}
	if b.Application != "" {
		s += show.Text(", application %s", b.Application)
	}
	if b.State == "" {
		return s + ", of which this role may not see more (pg_read_all_stats may)"
	}
	s += show.Text(", %s for %s", b.State, show.Short(time.Duration(b.AgeMS)*time.Millisecond))
	if q := strings.Join(strings.Fields(b.Query), " "); q != "" {
		s += ": " + show.Clip(show.Visible(secret.Mask(q)), 80)
	}
	return s
}
