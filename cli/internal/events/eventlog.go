package events

import (
	"log/slog"
	"strings"

	"rung/runner"
)

// Log writes each event as a line of JSON: msg is its name, and the
// fields are the event's own.
func Log(log *slog.Logger, verbose bool) func(runner.Event) {
	var b Beat
	return runner.Log(log, func(e runner.Event) (runner.Line, bool) {
		if _, isBatch := e.(runner.BatchDone); IsSign(e) && !b.Due() && (!isBatch || !verbose) {
			return runner.Line{}, false
		}
		b.Heard()
		said := Text(e)
		if said.logged {
			said.Level = max(said.Level, slog.LevelInfo)
		}
		msg, _, _ := strings.Cut(said.Line, "\n") // what follows is in the data
		return runner.Line{Level: said.Level, Message: strings.TrimSpace(msg), Data: Data(e)}, true
	})
}
