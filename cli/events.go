package cli

import (
	"fmt"
	"log/slog"
	"strings"
	"time"

	"rung/internal/secret"
	"rung/runner"
)

// textEvents prints progress for a person.
func (t *terminal) textEvents(e runner.Event) {
	said := textOf(e)
	switch {
	case t.quiet:
		return
	case isSign(e):
		t.sign(e)
		return
	case said.level == slog.LevelDebug && !t.verbose:
		return
	case said.level == slog.LevelWarn:
		said.line = "warning: " + said.line
	}
	t.live.clear()
	t.beat.heard()
	fmt.Fprintln(t.err, said.line)
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

// clip shortens a text to n characters.
func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

// short rounds a duration to what a person reads, in six characters at most up to
// four days. The limits are those at which the rounded number takes the next form.
func short(d time.Duration) string {
	switch {
	case d < 9950*time.Microsecond:
		return fmt.Sprintf("%.1f ms", millis(d))
	case d < 999_500*time.Microsecond:
		return fmt.Sprintf("%.0f ms", millis(d))
	case d < 59_950*time.Millisecond:
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	if d >= time.Hour {
		return strings.TrimSuffix(d.Round(time.Minute).String(), "0s")
	}
	return d.Round(time.Second).String()
}

// millis is a duration for JSON: milliseconds, to the microsecond.
func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// logEvents writes each event as a line of JSON: msg is its name, and the
// fields are the event's own.
func logEvents(log *slog.Logger, verbose bool) func(runner.Event) {
	var b beat
	return runner.Log(log, func(e runner.Event) (runner.Line, bool) {
		if _, isBatch := e.(runner.BatchDone); isSign(e) && !b.due() && (!isBatch || !verbose) {
			return runner.Line{}, false
		}
		b.heard()
		said := textOf(e)
		if said.logged {
			said.level = max(said.level, slog.LevelInfo)
		}
		msg, _, _ := strings.Cut(said.line, "\n") // what follows is in the data
		return runner.Line{Level: said.level, Message: strings.TrimSpace(msg), Data: dataOf(e)}, true
	})
}
