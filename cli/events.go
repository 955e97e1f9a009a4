package cli

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"rung/internal/secret"
	"rung/runner"
)

// textEvents prints progress for a person.
func (t *terminal) textEvents(e runner.Event) {
	if b, ok := e.(runner.BatchDone); ok {
		if !t.quiet {
			t.show(b)
		}
		return
	}
	line, level := eventText(e)
	switch {
	case line == "", t.quiet, level == slog.LevelDebug && !t.verbose:
		return
	case level == slog.LevelWarn:
		line = "warning: " + line
	}
	t.clear()
	fmt.Fprintln(t.err, line)
}

// eventText is an event on one line, and how much it matters: debug is shown
// by --verbose alone.
func eventText(e runner.Event) (string, slog.Level) {
	switch e := e.(type) {
	case runner.WaitingForServer:
		return fmt.Sprintf("waiting for the server, %s left: %s", short(e.Left), messageOf(e.Err)), slog.LevelInfo
	case runner.WaitingForLock:
		s := fmt.Sprintf("waiting for the runner's lock: %s", e.Holder)
		if e.Waited >= time.Second {
			s = fmt.Sprintf("waiting for the runner's lock for %s: %s", short(e.Waited), e.Holder)
		}
		if e.Backfill != nil {
			s += fmt.Sprintf("; the backfill of version %s is at %s", e.Backfill.Version, progressText(*e.Backfill))
		}
		return s, slog.LevelInfo
	case runner.RecordCreated:
		if e.From == 0 {
			return "created the record in schema " + e.Schema, slog.LevelInfo
		}
		return fmt.Sprintf("brought the record in schema %s from form %d to %d", e.Schema, e.From, e.To), slog.LevelInfo
	case runner.Started:
		if e.Resumed {
			return fmt.Sprintf("going on with %s at step %d of %d", e.File, e.Step, e.Steps), slog.LevelInfo
		}
		return fmt.Sprintf("running %s", e.File), slog.LevelDebug
	case runner.StepDone:
		return fmt.Sprintf("     step %d of %d, line %d, %s", e.Step, e.Steps, e.Line, short(e.Duration)), slog.LevelDebug
	case runner.Finished:
		if e.Duration == 0 {
			return fmt.Sprintf("%-4s %s", e.Direction, e.Title), slog.LevelInfo
		}
		return fmt.Sprintf("%-4s %s  %6s", e.Direction, e.Title, short(e.Duration)), slog.LevelInfo
	case runner.Notice:
		return noticeText(e)
	case runner.Blocked:
		return fmt.Sprintf("%s; in the way: %s", waitsText(e), blockersText(e.Blockers)), slog.LevelWarn
	case runner.Retrying:
		s := fmt.Sprintf("%s:%d gave way", e.File, e.Line)
		if e.Line == 0 {
			s = fmt.Sprintf("%s gave way %s", e.File, e.Part)
		}
		s += fmt.Sprintf(" (%s), trying again, %d of %d", messageOf(e.Err), e.Attempt, e.Of)
		if len(e.Blockers) > 0 {
			s += "; in the way was " + blockersText(e.Blockers)
		}
		return s, slog.LevelWarn
	case runner.Overtaken:
		verb := map[runner.Direction]string{runner.Up: "applied", runner.Down: "reverted"}[e.Direction]
		return fmt.Sprintf("%-4s %s  was %s by the session of another runner", e.Direction, e.Title, verb), slog.LevelInfo
	case runner.Settling:
		return "the connection was lost; reading from the record what became of " + e.File, slog.LevelWarn
	case runner.Cleaned:
		return fmt.Sprintf("%s: dropped the INVALID index %s that a failed try left", e.File, e.Index), slog.LevelInfo
	case runner.BatchDone:
		return fmt.Sprintf("%s:%d: %s", e.File, e.Line, progressText(e.Progress)), slog.LevelInfo
	case runner.WaitingForReplica:
		return fmt.Sprintf("%s: waiting for a replica that is %s behind (max-lag %s)", e.File, short(e.Lag), short(e.MaxLag)), slog.LevelInfo
	case runner.Vacuumed:
		return fmt.Sprintf("%s: vacuumed %s in %s", e.File, e.Table, short(e.Took)), slog.LevelDebug
	case runner.Paused:
		return fmt.Sprintf("%s is paused by %s since %s; `rung resume` lets it go on", e.Title, e.By, e.Since.Local().Format(time.DateTime)), slog.LevelWarn
	case runner.Warned:
		return e.Finding.String(), slog.LevelWarn
	}
	return fmt.Sprintf("%+v", e), slog.LevelDebug
}

// noticeText shows warnings of the server always, its notices when asked.
func noticeText(e runner.Notice) (string, slog.Level) {
	level := slog.LevelDebug
	if e.Severity == "WARNING" {
		return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Message), slog.LevelWarn
	}
	return fmt.Sprintf("%s:%d: %s: %s", e.File, e.Line, strings.ToLower(e.Severity), e.Message), level
}

// waitsText says what waits, and for what.
func waitsText(e runner.Blocked) string {
	switch {
	case e.Dead && e.Line == 0:
		return fmt.Sprintf("%s waits for the claim of version %s, held by the session of a runner that died or lost its lock", e.File, e.Version)
	case e.Dead:
		return fmt.Sprintf("%s:%d waits for the same statement to end, which a runner that died or lost its lock has left running", e.File, e.Line)
	case e.Part == runner.InRecord:
		return fmt.Sprintf("%s waits for the claim of version %s", e.File, e.Version)
	case e.Line == 0:
		return fmt.Sprintf("%s waits %s for a lock", e.File, e.Part)
	}
	return fmt.Sprintf("%s:%d waits for a lock", e.File, e.Line)
}

func blockersText(bs []runner.Blocker) string {
	var all []string
	for _, b := range jsonBlockers(bs) {
		all = append(all, blockerText(b))
	}
	return strings.Join(all, "; ")
}

// blockerText names a session that is in the way.
func blockerText(b jsonBlocker) string {
	s := fmt.Sprintf("pid %d, user %s", b.PID, b.User)
	if b.Application != "" {
		s += ", application " + b.Application
	}
	s += ", " + b.State + " for " + short(time.Duration(b.AgeMS)*time.Millisecond)
	if q := strings.Join(strings.Fields(b.Query), " "); q != "" {
		s += ": " + clip(secret.Mask(q), 80)
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
// an hour. The limits are those at which the rounded number takes the next form.
func short(d time.Duration) string {
	switch {
	case d < 9950*time.Microsecond:
		return fmt.Sprintf("%.1f ms", millis(d))
	case d < 999_500*time.Microsecond:
		return fmt.Sprintf("%.0f ms", millis(d))
	case d < 59_950*time.Millisecond:
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return d.Round(time.Second).String()
}

// millis is a duration for JSON: milliseconds, to the microsecond.
func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// logEvents writes each event as a line of JSON: msg is its name, and the
// fields are the event's own.
func logEvents(w io.Writer, quiet, verbose bool) func(runner.Event) {
	least := slog.LevelInfo
	if quiet {
		least = slog.LevelError
	}
	if verbose {
		least = slog.LevelDebug
	}
	log := slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: least}))
	var p progress
	return func(e runner.Event) {
		if _, ok := e.(runner.BatchDone); ok && !p.due() && !verbose {
			return
		}
		text, level := eventText(e)
		log.Log(context.Background(), level, strings.TrimSpace(text), "event", eventName(e), "data", eventData(e))
	}
}

// eventName is the event's type in kebab case: waiting-for-lock.
func eventName(e runner.Event) string {
	name := strings.TrimPrefix(fmt.Sprintf("%T", e), "runner.")
	var b strings.Builder
	for i, c := range name {
		if i > 0 && c >= 'A' && c <= 'Z' {
			b.WriteByte('-')
		}
		b.WriteRune(c)
	}
	return strings.ToLower(b.String())
}
