package cli

import (
	"fmt"
	"log/slog"

	"rung/cli/internal/events"
	"rung/runner"
)

// textEvents prints progress for a person.
func (t *terminal) textEvents(e runner.Event) {
	said := events.Aligned(e, t.titles)
	switch {
	case t.quiet:
		return
	case events.IsSign(e):
		t.sign(e)
		return
	case said.Level == slog.LevelDebug && !t.verbose:
		return
	case said.Level == slog.LevelWarn:
		said.Line = "warning: " + said.Line
	}
	t.live.Clear()
	t.beat.Heard()
	fmt.Fprintln(t.err, said.Line)
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
		return events.Log(t.logger(least), t.verbose)
	case t.member != nil:
		return t.member.events(t)
	}
	return t.textEvents
}

// sign shows a sign of life, by a line that is drawn, or prints one when it is due.
func (t *terminal) sign(e runner.Event) {
	if !t.live.Draws() {
		if _, isBatch := e.(runner.BatchDone); t.beat.Due() || isBatch && t.verbose {
			fmt.Fprintln(t.err, events.Text(e).Line)
		}
		return
	}
	switch e := e.(type) {
	case runner.BatchDone:
		t.batch = e
		t.live.Draw(func(width int) string { return events.Bar(e, width) })
	case runner.Working:
		if e.File == t.batch.File && e.Step == t.batch.Progress.Step {
			t.live.Draw(func(width int) string { return events.Bar(t.batch, width) })
			return
		}
		t.live.Draw(func(width int) string { return events.WorkingLine(e, width) })
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
