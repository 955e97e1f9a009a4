package cli

import (
	"log/slog"
	"strings"
	"time"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"rung/runner"
)

// eventText renders an event for a person: a line, and how much it matters.
// Debug is shown by --verbose alone.
type eventText struct {
	line  string
	level slog.Level
	// logged is true for what a person sees with --verbose alone, and a log always.
	logged bool
}

func textOf(e runner.Event) eventText {
	var t eventText
	e.Visit(&t)
	return t
}

func (t *eventText) set(level slog.Level, format string, args ...any) {
	t.line, t.level = text(format, args...), level
}

func (t *eventText) debug(format string, args ...any) { t.set(slog.LevelDebug, format, args...) }
func (t *eventText) info(format string, args ...any)  { t.set(slog.LevelInfo, format, args...) }
func (t *eventText) warn(format string, args ...any)  { t.set(slog.LevelWarn, format, args...) }

func (t *eventText) WaitingForServer(e runner.WaitingForServer) {
	t.info("waiting for the server, %s left: %s", short(e.Left), messageOf(e.Err))
}

func (t *eventText) WaitingForLock(e runner.WaitingForLock) {
	waited, backfill := "", ""
	if e.Waited >= time.Second {
		waited = " for " + short(e.Waited)
	}
	if e.Backfill != nil {
		backfill = text("; the backfill of version %s is at %s", e.Backfill.Version, progressText(*e.Backfill))
	}
	t.info("waiting for the migration lock%s: %s%s", waited, e.Holder, backfill)
}

func (t *eventText) HistoryCreated(e runner.HistoryCreated) {
	if e.From == 0 {
		t.info("created the history tables in schema %s", e.Schema)
		return
	}
	t.info("upgraded the history tables in schema %s from format %d to %d", e.Schema, e.From, e.To)
}

func (t *eventText) Started(e runner.Started) {
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

func (t *eventText) RunStarted(e runner.RunStarted) {
	t.info("connected to %s/%s as %s", e.Server, e.Database, e.User)
}

// RunFinished is said by the result, and by an error.
func (t *eventText) RunFinished(e runner.RunFinished) {
	t.logged = true
	if e.Err != nil {
		t.debug("stopped after %s, %s", short(e.Took), count(e.Done, "migration"))
		return
	}
	t.debug("finished in %s, %s", short(e.Took), count(e.Done, "migration"))
}

func (t *eventText) Working(e runner.Working) {
	s := text("%s has been running for %s", placeText(e), clock(e.Took))
	if e.FileTook-e.Took >= time.Second {
		s += text(" (the file for %s)", clock(e.FileTook))
	}
	if e.Steps > 1 {
		s += text(", step %d of %d", e.Step, e.Steps)
	}
	if e.Phase != "" {
		s += ", " + phaseText(e)
	}
	if e.Statement != "" {
		s += ": " + clip(visible(e.Statement), 80)
	}
	t.info("%s", s)
}

func (t *eventText) StepDone(e runner.StepDone) {
	t.debug("     step %d of %d, line %d, %s", e.Step, e.Steps, e.Line, short(e.Duration))
}

func (t *eventText) Finished(e runner.Finished) {
	if e.Duration == 0 {
		t.info("%-4s %s", e.Direction, e.Title)
		return
	}
	t.info("%-4s %s  %6s", e.Direction, e.Title, short(e.Duration))
}

// Notice shows warnings of the server always, its notices when asked.
func (t *eventText) Notice(e runner.Notice) {
	if e.Severity == "WARNING" {
		t.warn("%s:%d: %s", e.File, e.Line, e.Message)
	} else {
		t.debug("%s:%d: %s: %s", e.File, e.Line, strings.ToLower(e.Severity), e.Message)
	}
	t.line += strings.TrimRight("\n"+labelled("DETAIL", e.Detail)+labelled("HINT", e.Hint), "\n")
}

func (t *eventText) Blocked(e runner.Blocked) {
	t.warn("%s, blocked by %s", waitsText(e), blockersText(e.Blockers))
}

func (t *eventText) Retrying(e runner.Retrying) {
	where := text("%s:%d", e.File, e.Line)
	if e.Line == 0 {
		where = text("%s, %s", e.File, e.Part)
	}
	by := ""
	if len(e.Blockers) > 0 {
		by = "; it was blocked by " + blockersText(e.Blockers)
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
			return text("%s (%s)", name, code)
		}
	}
	return messageOf(err)
}

func (t *eventText) Overtaken(e runner.Overtaken) {
	verb := map[runner.Direction]string{runner.Up: "applied", runner.Down: "reverted"}[e.Direction]
	t.info("%-4s %s  was %s by the session of another rung", e.Direction, e.Title, verb)
}

func (t *eventText) Settling(e runner.Settling) {
	t.warn("the connection was lost; reading the outcome of %s from the history", e.File)
}

func (t *eventText) Cleaned(e runner.Cleaned) {
	t.info("%s: dropped the INVALID index %s left by a failed attempt", e.File, e.Index)
}

func (t *eventText) BatchDone(e runner.BatchDone) {
	t.info("%s:%d: %s", e.File, e.Line, progressText(e.Progress))
}

func (t *eventText) BackfillDone(e runner.BackfillDone) {
	if e.Progress.Note != "" {
		t.warn("%s:%d: %s", e.File, e.Line, totalText(e.Progress))
		return
	}
	t.info("%s:%d: %s", e.File, e.Line, totalText(e.Progress))
}

func (t *eventText) FewerWorkers(e runner.FewerWorkers) {
	t.warn("%s:%d: running %s instead of %d, because there is no connection for more (%s); set --workers lower, or allow more connections", e.File, e.Line, things(int64(e.Workers), "worker"), e.Wanted, messageOf(e.Err))
}

func (t *eventText) WaitingForReplica(e runner.WaitingForReplica) {
	t.info("%s: waiting for a replica that is %s behind (max-lag %s)", e.File, short(e.Lag), short(e.MaxLag))
}

func (t *eventText) Vacuumed(e runner.Vacuumed) {
	t.debug("%s: vacuumed %s in %s", e.File, e.Table, short(e.Took))
}

func (t *eventText) Paused(e runner.Paused) {
	t.warn("%s is paused by %s since %s; `rung resume` continues it", e.Title, e.By, e.Since.Local().Format(timeLayout))
}

func (t *eventText) Warned(e runner.Warned) { t.warn("%s", e.Finding) }

// waitsText says what waits, and for what.
func waitsText(e runner.Blocked) string {
	switch {
	case e.Dead && e.Line == 0:
		return text("%s waits for the claim of version %s, held by the session of a rung that died or lost its lock", e.File, e.Version)
	case e.Dead:
		return text("%s:%d waits for the same statement, which still runs in the session of a rung that died or lost its lock", e.File, e.Line)
	case e.Part == runner.InHistory:
		return text("%s waits for the claim of version %s", e.File, e.Version)
	case e.Line == 0:
		return text("%s waits %s for a lock", e.File, e.Part)
	}
	return text("%s:%d waits for a lock", e.File, e.Line)
}

func (t *eventText) NotLogged(e runner.NotLogged) {
	t.debug("%s: the failed attempt is not in the log: %s", e.File, messageOf(e.Err))
}

func (t *eventText) Restored(e runner.Restored) {
	t.info("the history tables in schema %s %s: recreated", e.Schema, e.What)
}
