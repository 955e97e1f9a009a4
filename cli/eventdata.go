package cli

import "rung/runner"

// eventData is an event's fields for the log: snake case, milliseconds.
func eventData(e runner.Event) map[string]any {
	switch e := e.(type) {
	case runner.WaitingForServer:
		return map[string]any{"error": messageOf(e.Err), "left_ms": millis(e.Left)}
	case runner.WaitingForLock:
		var backfill *jsonBackfill
		if e.Backfill != nil {
			b := backfillJSON(*e.Backfill)
			backfill = &b
		}
		return map[string]any{"holder": e.Holder, "waited_ms": millis(e.Waited), "backfill": backfill}
	case runner.RecordCreated:
		return map[string]any{"schema": e.Schema, "from": e.From, "to": e.To}
	case runner.Started:
		return map[string]any{"direction": e.Direction, "version": e.Version, "name": e.Name, "file": e.File, "mode": e.Mode, "step": e.Step, "steps": e.Steps, "resumed": e.Resumed}
	case runner.StepDone:
		return map[string]any{"version": e.Version, "file": e.File, "line": e.Line, "step": e.Step, "steps": e.Steps, "duration_ms": millis(e.Duration)}
	case runner.Finished:
		return map[string]any{"direction": e.Direction, "version": e.Version, "name": e.Name, "file": e.File, "steps": e.Steps, "duration_ms": millis(e.Duration)}
	case runner.Notice:
		return map[string]any{"file": e.File, "line": e.Line, "severity": e.Severity, "message": e.Message, "detail": e.Detail}
	case runner.Blocked:
		return map[string]any{"version": e.Version, "file": e.File, "line": e.Line, "part": e.Part, "dead_runner": e.Dead, "blockers": jsonBlockers(e.Blockers)}
	case runner.Retrying:
		return map[string]any{"file": e.File, "line": e.Line, "part": e.Part, "error": messageOf(e.Err), "attempt": e.Attempt, "of": e.Of, "blockers": jsonBlockers(e.Blockers)}
	case runner.Overtaken:
		return map[string]any{"direction": e.Direction, "version": e.Version, "name": e.Name, "file": e.File}
	case runner.Settling:
		return map[string]any{"file": e.File}
	case runner.Cleaned:
		return map[string]any{"file": e.File, "index": e.Index}
	case runner.BatchDone:
		return map[string]any{"file": e.File, "line": e.Line, "backfill": backfillJSON(e.Progress), "duration_ms": millis(e.Took), "first_key": list(e.First), "last_key": list(e.Last)}
	case runner.WaitingForReplica:
		return map[string]any{"file": e.File, "lag_ms": millis(e.Lag), "max_lag_ms": millis(e.MaxLag)}
	case runner.Vacuumed:
		return map[string]any{"file": e.File, "table": e.Table, "duration_ms": millis(e.Took)}
	case runner.Paused:
		return map[string]any{"version": e.Version, "name": e.Name, "by": e.By, "since": e.Since}
	case runner.Warned:
		return map[string]any{"finding": e.Finding}
	}
	return nil
}
