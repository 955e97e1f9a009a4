package events

import (
	"rung/cli/internal/fault"
	"rung/cli/internal/show"
	"rung/runner"
)

// eventData renders an event for a log: its fields, in snake case, with
// durations in milliseconds.
type eventData map[string]any

// Data renders it so.
func Data(e runner.Event) map[string]any {
	var d eventData
	e.Visit(&d)
	return d
}

func (d *eventData) WaitingForServer(e runner.WaitingForServer) {
	*d = eventData{"error": fault.Message(e.Err), "left_ms": show.Millis(e.Left)}
}

func (d *eventData) WaitingForLock(e runner.WaitingForLock) {
	var backfill *Backfill
	if e.Backfill != nil {
		b := BackfillOf(*e.Backfill)
		backfill = &b
	}
	*d = eventData{"holder": e.Holder, "waited_ms": show.Millis(e.Waited), "backfill": backfill, "of": e.Of}
}

func (d *eventData) HistoryCreated(e runner.HistoryCreated) {
	*d = eventData{"schema": e.Schema, "from": e.From, "to": e.To}
}

func (d *eventData) Started(e runner.Started) {
	*d = eventData{"direction": e.Direction, "version": e.Version, "name": e.Name, "file": e.File, "mode": e.Mode, "step": e.Step, "steps": e.Steps, "resumed": e.Resumed}
}

func (d *eventData) RunStarted(e runner.RunStarted) {
	*d = eventData{"run": e.Run, "server": e.Server, "database": e.Database, "user": e.User}
}

func (d *eventData) RunFinished(e runner.RunFinished) {
	*d = eventData{"run": e.Run, "ok": e.Err == nil, "done": e.Done, "duration_ms": show.Millis(e.Took)}
}

func (d *eventData) Working(e runner.Working) {
	*d = eventData{
		"direction": e.Direction, "version": e.Version, "file": e.File, "line": e.Line, "part": e.Part, "step": e.Step, "steps": e.Steps,
		"statement": e.Statement, "statement_ms": show.Millis(e.Took), "file_ms": show.Millis(e.FileTook),
		"phase": e.Phase, "phase_done": e.PhaseDone, "phase_total": e.PhaseTotal,
	}
}

func (d *eventData) StepDone(e runner.StepDone) {
	*d = eventData{"version": e.Version, "file": e.File, "line": e.Line, "step": e.Step, "steps": e.Steps, "duration_ms": show.Millis(e.Duration)}
}

func (d *eventData) Finished(e runner.Finished) {
	*d = eventData{"direction": e.Direction, "version": e.Version, "name": e.Name, "file": e.File, "steps": e.Steps, "duration_ms": show.Millis(e.Duration), "registered": e.Registered}
}

func (d *eventData) Notice(e runner.Notice) {
	*d = eventData{"file": e.File, "line": e.Line, "severity": e.Severity, "message": e.Message, "detail": e.Detail, "hint": e.Hint}
}

func (d *eventData) Blocked(e runner.Blocked) {
	*d = eventData{"version": e.Version, "file": e.File, "line": e.Line, "part": e.Part, "dead_runner": e.Dead, "blockers": fault.Blockers(e.Blockers)}
}

func (d *eventData) Retrying(e runner.Retrying) {
	*d = eventData{"file": e.File, "line": e.Line, "part": e.Part, "error": fault.Message(e.Err), "attempt": e.Attempt, "of": e.Of, "blockers": fault.Blockers(e.Blockers)}
}

func (d *eventData) Overtaken(e runner.Overtaken) {
	*d = eventData{"direction": e.Direction, "version": e.Version, "name": e.Name, "file": e.File}
}

func (d *eventData) Settling(e runner.Settling) {
	*d = eventData{"file": e.File}
}

func (d *eventData) Cleaned(e runner.Cleaned) {
	*d = eventData{"file": e.File, "index": e.Index}
}

func (d *eventData) BatchDone(e runner.BatchDone) {
	*d = eventData{"file": e.File, "line": e.Line, "backfill": BackfillOf(e.Progress), "duration_ms": show.Millis(e.Took), "first_key": show.List(e.First), "last_key": show.List(e.Last)}
}

func (d *eventData) BackfillDone(e runner.BackfillDone) {
	*d = eventData{"file": e.File, "line": e.Line, "backfill": BackfillOf(e.Progress)}
}

func (d *eventData) FewerWorkers(e runner.FewerWorkers) {
	*d = eventData{"file": e.File, "line": e.Line, "workers": e.Workers, "wanted": e.Wanted, "error": fault.Message(e.Err)}
}

func (d *eventData) WaitingForReplica(e runner.WaitingForReplica) {
	*d = eventData{"file": e.File, "lag_ms": show.Millis(e.Lag), "max_lag_ms": show.Millis(e.MaxLag)}
}

func (d *eventData) Vacuumed(e runner.Vacuumed) {
	*d = eventData{"file": e.File, "table": e.Table, "duration_ms": show.Millis(e.Took)}
}

func (d *eventData) Paused(e runner.Paused) {
	*d = eventData{"version": e.Version, "name": e.Name, "by": e.By, "since": e.Since}
}

func (d *eventData) Warned(e runner.Warned) {
	*d = eventData{"finding": e.Finding}
}

func (d *eventData) NotLogged(e runner.NotLogged) {
	*d = eventData{"file": e.File, "error": fault.Message(e.Err)}
}

func (d *eventData) Restored(e runner.Restored) {
	*d = eventData{"schema": e.Schema, "what": e.What}
}

func (d *eventData) Queue(e runner.Queue) {
	*d = eventData{"background": BackgroundsOf(e.Background)}
}

func (d *eventData) Passed(e runner.Passed) {
	*d = eventData{"background": BackgroundsOf([]runner.Background{e.Background})[0]}
}

func (d *eventData) AttemptFailed(e runner.AttemptFailed) {
	*d = eventData{"version": e.Background.Version, "name": e.Background.Name, "error": fault.Message(e.Err), "attempt": e.Attempt, "final": e.Final, "pause_ms": show.Millis(e.Pause)}
}

func (d *eventData) WaitingForBackfill(e runner.WaitingForBackfill) {
	*d = eventData{"file": e.File, "background": BackgroundsOf([]runner.Background{e.Background})[0]}
}
