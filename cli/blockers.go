package cli

import (
	"fmt"
	"strings"
	"time"

	"rung/internal/secret"
	"rung/runner"
)

type jsonBlocker struct {
	runner.Blocker
	AgeMS float64 `json:"age_ms"`
}

func jsonBlockers(bs []runner.Blocker) []jsonBlocker {
	out := []jsonBlocker{}
	for _, b := range bs {
		out = append(out, jsonBlocker{b, millis(b.Age)})
	}
	return out
}

func blockersText(bs []runner.Blocker) string {
	var all []string
	for _, b := range jsonBlockers(bs) {
		all = append(all, blockerText(b))
	}
	return strings.Join(all, "; ")
}

// blockerText names a session that is in the way, as far as this role may see it.
func blockerText(b jsonBlocker) string {
	s := fmt.Sprintf("pid %d", b.PID)
	if b.User != "" {
		s += text(", user %s", b.User)
	}
	if b.Application != "" {
		s += text(", application %s", b.Application)
	}
	if b.State == "" {
		return s + ", of which this role may not see more (pg_read_all_stats may)"
	}
	s += text(", %s for %s", b.State, short(time.Duration(b.AgeMS)*time.Millisecond))
	if q := strings.Join(strings.Fields(b.Query), " "); q != "" {
		s += ": " + clip(visible(secret.Mask(q)), 80)
	}
	return s
}
