// Package events renders the runner's events: each for a person, as a line, in
// eventtext.go, and for a program, as data, in eventdata.go. Both are a
// runner.Visitor, so an event that lacks one of them does not compile.
package events

import (
	"log/slog"
	"strings"
	"time"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"rung/cli/internal/fault"
	"rung/cli/internal/show"
	"rung/runner"
)

// Said is an event for a person: a line, and how much it matters.
// Debug is shown by --verbose alone.
type Said struct {
	Line  string
	Level slog.Level
	// logged is true for what a person sees with --verbose alone, and a log always.
	logged bool
	// titles is how wide the column of titles is.
	titles int
}

// Text renders an event.
func Text(e runner.Event) Said { return Aligned(e, 0) }

// Aligned renders an event whose title is one of a column so wide.
func Aligned(e runner.Event, titles int) Said {
	t := Said{titles: titles}
	e.Visit(&t)
	return t
}

func (t *Said) set(level slog.Level, format string, args ...any) {
	t.Line, t.Level = show.Text(format, args...), level
}

func (t *Said) debug(format string, args ...any) { t.set(slog.LevelDebug, format, args...) }
func (t *Said) info(format string, args ...any)  { t.set(slog.LevelInfo, format, args...) }
func (t *Said) warn(format string, args ...any)  { t.set(slog.LevelWarn, format, args...) }

func (t *Said) WaitingForServer(e runner.WaitingForServer) {
	t.info("waiting for the server, %s left: %s", show.Short(e.Left), fault.Message(e.Err))
}

func (t *Said) WaitingForLock(e runner.WaitingForLock) {
	waited, backfill := "", ""
	if e.Waited >= time.Second {
		waited = " for " + show.Short(e.Waited)
	}
	if e.Backfill != nil {
		backfill = show.Text("; the backfill of version %s is at %s", e.Backfill.Version, ProgressText(*e.Backfill))
	}
	if e.Of != "" {
		t.info("waiting%s for the backfill of %s to stop: %s", waited, e.Of, e.Holder)
		return
	}
	t.info("waiting for the migration lock%s: %s%s", waited, e.Holder, backfill)
}

func (t *Said) HistoryCreated(e runner.HistoryCreated) {
	if e.From == 0 {
		t.info("created the history tables in schema %s", e.Schema)
		return
	}
	t.info("upgraded the history tables in schema %s from format %d to %d", e.Schema, e.From, e.To)
}

func (t *Said) Started(e runner.Started) {
	t.logged = true
	switch {
	case e.Step > e.Steps:
		t.info("resuming %s: all its steps have run", e.File)
	case e.Resumed:
		t.info("resuming %s at step %d of %d", e.File, e.Step, e.Steps)
	default:
		t.debug("running %s", e.File)
	}
}

func (t *Said) RunStarted(e runner.RunStarted) {
	t.info("connected to %s/%s as %s", e.Server, e.Database, e.User)
}

// RunFinished is said by the result, and by an error.
func (t *Said) RunFinished(e runner.RunFinished) {
	t.logged = true
	if e.Err != nil {
		t.debug("stopped after %s, %s", show.Short(e.Took), show.Count(e.Done, "migration"))
		return
	}
	t.debug("finished in %s, %s", show.Short(e.Took), show.Count(e.Done, "migration"))
}

func (t *Said) Working(e runner.Working) {
	s := show.Text("%s has been running for %s", placeText(e), show.Clock(e.Took))
	if e.FileTook-e.Took >= time.Second {
		s += show.Text(" (the file for %s)", show.Clock(e.FileTook))
	}
	if e.Steps > 1 {
		s += show.Text(", step %d of %d", e.Step, e.Steps)
	}
	if e.Phase != "" {
		s += ", " + phaseText(e)
	}
	if e.Statement != "" {
		s += ": " + show.Clip(show.Visible(e.Statement), 80)
	}
	t.info("%s", s)
}

func (t *Said) StepDone(e runner.StepDone) {
	t.debug("     step %d of %d, line %d, %s", e.Step, e.Steps, e.Line, show.Short(e.Duration))
}

func (t *Said) Finished(e runner.Finished) {
	word := string(e.Direction)
	if e.Worked {
		word = "work"
	}
	switch {
	case e.Registered:
		t.info("%-4s %-*s  registered: `rung work` runs its backfill of about %s", word, t.titles, e.Title, show.Things(e.Rows, "row"))
	case e.Duration == 0:
		t.info("%-4s %s", word, e.Title)
	default:
		t.info("%-4s %-*s  %6s", word, t.titles, e.Title, show.Short(e.Duration))
	}
}

// Notice shows warnings of the server always, its notices when asked.
func (t *Said) Notice(e runner.Notice) {
	if e.Severity == "WARNING" {
		t.warn("%s:%d: %s", e.File, e.Line, e.Message)
	} else {
		t.debug("%s:%d: %s: %s", e.File, e.Line, strings.ToLower(e.Severity), e.Message)
	}
	t.Line += strings.TrimRight("\n"+show.Labelled("DETAIL", e.Detail)+show.Labelled("HINT", e.Hint), "\n")
}

func (t *Said) Blocked(e runner.Blocked) {
	t.warn("%s, blocked by %s", waitsText(e), fault.BlockersText(e.Blockers))
}

func (t *Said) Retrying(e runner.Retrying) {
	where := show.Text("%s:%d", e.File, e.Line)
	if e.Line == 0 {
		where = show.Text("%s, %s", e.File, e.Part)
	}
	by := ""
	if len(e.Blockers) > 0 {
		by = "; it was blocked by " + fault.BlockersText(e.Blockers)
	}
	t.warn("%s: %s, retry %d of %d%s", where, retryReason(e.Err), e.Attempt, e.Of, by)
}

// retryReason is a short name for what ended an attempt, or the server's message.
func retryReason(err error) string {
	for code, name := range map[pqerror.Code]string{
		pqerror.LockNotAvailable:       "lock timeout",
		pqerror.TRDeadlockDetected:     "deadlock",
		pqerror.TRSerializationFailure: "serialization failure",
	} {
		if pq.As(err, code) != nil {
			return show.Text("%s (%s)", name, code)
		}
	}
	return fault.Message(err)
}

func (t *Said) Overtaken(e runner.Overtaken) {
	verb := map[runner.Direction]string{runner.Up: "applied", runner.Down: "reverted"}[e.Direction]
	t.info("%-4s %s  was %s by the session of another rung", e.Direction, e.Title, verb)
}

func (t *Said) Settling(e runner.Settling) {
	t.warn("the connection was lost; reading the outcome of %s from the history", e.File)
}

func (t *Said) Cleaned(e runner.Cleaned) {
	t.info("%s: dropped the INVALID index %s left by a failed attempt", e.File, e.Index)
}

func (t *Said) BatchDone(e runner.BatchDone) {
	t.info("%s:%d: %s", e.File, e.Line, ProgressText(e.Progress))
}

func (t *Said) BackfillDone(e runner.BackfillDone) {
	if e.Progress.Note != "" {
		t.warn("%s:%d: %s", e.File, e.Line, totalText(e.Progress))
		return
	}
	t.info("%s:%d: %s", e.File, e.Line, totalText(e.Progress))
}

func (t *Said) FewerWorkers(e runner.FewerWorkers) {
	t.warn("%s:%d: running %s instead of %d, because there is no connection for more (%s); set --workers lower, or allow more connections", e.File, e.Line, show.Things(int64(e.Workers), "worker"), e.Wanted, fault.Message(e.Err))
}

func (t *Said) WaitingForReplica(e runner.WaitingForReplica) {
	t.info("%s: waiting for a replica that is %s behind (max-lag %s)", e.File, show.Short(e.Lag), show.Short(e.MaxLag))
}

func (t *Said) Vacuumed(e runner.Vacuumed) {
	t.debug("%s: vacuumed %s in %s", e.File, e.Table, show.Short(e.Took))
}

func (t *Said) Paused(e runner.Paused) {
	t.warn("%s is paused by %s since %s; `rung resume` continues it", e.Title, e.By, e.Since.Local().Format(show.TimeLayout))
}

func (t *Said) Warned(e runner.Warned) { t.warn("%s", e.Finding) }

// waitsText says what waits, and for what.
func waitsText(e runner.Blocked) string {
	switch {
	case e.Dead && e.Line == 0:
		return show.Text("%s waits for the claim of version %s, held by the session of a rung that died or lost its lock", e.File, e.Version)
	case e.Dead:
		return show.Text("%s:%d waits for the same statement, which still runs in the session of a rung that died or lost its lock", e.File, e.Line)
	case e.Part == runner.InHistory:
		return show.Text("%s waits for the claim of version %s", e.File, e.Version)
	case e.Line == 0:
		return show.Text("%s waits %s for a lock", e.File, e.Part)
	}
	return show.Text("%s:%d waits for a lock", e.File, e.Line)
}

func (t *Said) NotLogged(e runner.NotLogged) {
	t.debug("%s: the failed attempt is not in the log: %s", e.File, fault.Message(e.Err))
}

func (t *Said) Restored(e runner.Restored) {
	t.info("the history tables in schema %s %s: recreated", e.Schema, e.What)
}

// Queue is said by what is done with it.
func (t *Said) Queue(e runner.Queue) {
	t.debug("%s not done", show.Count(len(e.Background), "background backfill"))
}

func (t *Said) Passed(e runner.Passed) {
	t.info("leaving the backfill of %s: %s", e.Background.Title, BackgroundText(e.Background))
}

func (t *Said) AttemptFailed(e runner.AttemptFailed) {
	cause := ": " + fault.Message(e.Err)
	if e.Returned { // the command prints it, with its line and its hint
		cause = "; its error is printed at the end"
	}
	switch {
	case e.Attempt == 0:
		t.warn("the backfill of %s cannot be resumed%s", e.Background.Title, cause)
	case e.Final:
		t.warn("the backfill of %s has failed, at attempt %d%s", e.Background.Title, e.Attempt, cause)
	default:
		t.warn("attempt %d at the backfill of %s failed, the next one in %s%s", e.Attempt, e.Background.Title, show.Short(e.Pause), cause)
	}
}

func (t *Said) WaitingForBackfill(e runner.WaitingForBackfill) {
	t.info("%s waits for the backfill of %s: %s", e.File, e.Background.Title, BackgroundText(e.Background))
}
