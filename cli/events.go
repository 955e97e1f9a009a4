package cli

import (
	"fmt"
	"log/slog"
	"strings"

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

// listener turns the runner's events into lines on stderr.
func (t *terminal) listener() func(runner.Event) {
	switch {
	case t.logJSON:
		least := slog.LevelInfo
		if t.quiet {
			least = slog.LevelError
		}
		if t.verbose {
			least = slog.LevelDebug
		}
		return logEvents(t.logger(least), t.verbose)
	case t.member != nil:
		return t.member.events(t)
	}
	return t.textEvents
}

// sign shows a sign of life, by a line that is drawn, or prints one when it is due.
func (t *terminal) sign(e runner.Event) {
	if t.live.f == nil {
		if _, isBatch := e.(runner.BatchDone); t.beat.due() || isBatch && t.verbose {
			fmt.Fprintln(t.err, textOf(e).line)
		}
		return
	}
	switch e := e.(type) {
	case runner.BatchDone:
		t.batch = e
		t.live.draw(func(width int) string { return barText(e, width) })
	case runner.Working:
		if e.File == t.batch.File && e.Step == t.batch.Progress.Step {
			t.live.draw(func(width int) string { return barText(t.batch, width) })
			return
		}
		t.live.draw(func(width int) string { return workingLine(e, width) })
	}
}

// events are those that a person wants to hear of one target among many.
func (m *member) events(t *terminal) func(runner.Event) {
	return func(e runner.Event) {
		switch e.(type) {
		case runner.RunStarted, runner.HistoryCreated, runner.Started, runner.Finished, runner.BackfillDone:
			if !t.verbose {
				return
			}
		}
		t.textEvents(e)
	}
}
