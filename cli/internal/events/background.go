package events

import (
	"fmt"
	"strings"
	"time"

	"rung/cli/internal/show"
	"rung/runner"
)

// What is said of background backfills.

// BackgroundState is one word for where a backfill stands, and how far it is.
func BackgroundState(b runner.Background) string {
	state := string(b.State)
	switch {
	case b.Paused:
		state = "paused"
	case b.State == runner.BackfillRuns && b.Worker == nil:
		state = "interrupted"
	}
	if p := b.Progress; p.Total > 0 && p.Keys > 0 {
		state += fmt.Sprintf(" %d %%", 100*p.Keys/p.Total)
	}
	return state
}

// BackgroundText says how a backfill stands: how far it is, who works on it, what its
// last error was, and who waits for it.
func BackgroundText(b runner.Background) string {
	parts := []string{ProgressText(b.Progress)}
	switch {
	case b.Worker != nil:
		parts = append(parts, show.Text("running by pid %d (%s)", b.Worker.PID, b.Worker.Application))
	case b.Paused: // the progress says so
	case b.State == runner.BackfillFailed:
		parts = append(parts, "failed")
	case b.State == runner.BackfillRuns:
		parts = append(parts, "interrupted: its worker is gone, and the next `rung work` resumes it")
	default:
		parts = append(parts, "waits for `rung work`")
	}
	if b.Heartbeat != nil && b.Worker != nil {
		parts = append(parts, "last batch "+show.Short(time.Since(*b.Heartbeat).Round(time.Second))+" ago")
	}
	s := strings.Join(parts, ", ")
	if b.Error != "" {
		s += show.Text("; %s failed: %s", show.Things(int64(max(b.Attempts, 1)), "attempt"), b.Error)
		if b.Keys != "" && !strings.Contains(b.Error, b.Keys) {
			s += ", for the key " + b.Keys
		}
		if b.SQLState != "" {
			s += show.Text(" (%s)", b.SQLState)
		}
		if b.NextTry != nil && b.State == runner.BackfillWaits {
			s += "; the next one from " + b.NextTry.Local().Format(show.TimeLayout)
		}
	}
	if len(b.WaitedFor) > 0 {
		s += "; required by " + strings.Join(b.WaitedFor, ", ")
	}
	return s
}

// Background is a background backfill that is registered and not done.
type Background struct {
	Version      runner.Version       `json:"version"`
	Name         string               `json:"name"`
	State        runner.BackfillState `json:"state"`
	Paused       bool                 `json:"paused"`
	PausedBy     string               `json:"paused_by"`
	RegisteredAt time.Time            `json:"registered_at"`
	RegisteredBy string               `json:"registered_by"`
	StartedAt    *time.Time           `json:"started_at"`
	// HeartbeatAt is when its last batch was committed.
	HeartbeatAt *time.Time `json:"heartbeat_at"`
	// Worker is who works on it, or null.
	Worker   *runner.Holder `json:"worker"`
	Attempts int            `json:"attempts"`
	FailedAt *time.Time     `json:"failed_at"`
	Error    string         `json:"error"`
	SQLState string         `json:"sqlstate"`
	Keys     string         `json:"keys"`
	// NextTryAt is when the next attempt may begin, or null.
	NextTryAt *time.Time `json:"next_try_at"`
	Progress  Backfill   `json:"progress"`
	// RequiredBy are the pending files that wait for it.
	RequiredBy []string `json:"required_by"`
}

// BackgroundsOf is empty, and not nil, for none.
func BackgroundsOf(all []runner.Background) []Background {
	out := []Background{}
	for _, b := range all {
		out = append(out, Background{
			Version: b.Version, Name: b.Name, State: b.State, Paused: b.Paused, PausedBy: b.By, RegisteredAt: b.RegisteredAt, RegisteredBy: b.RegisteredBy,
			StartedAt: b.StartedAt, HeartbeatAt: b.Heartbeat, Worker: b.Worker, Attempts: b.Attempts, FailedAt: b.FailedAt,
			Error: b.Error, SQLState: b.SQLState, Keys: b.Keys, NextTryAt: b.NextTry, Progress: BackfillOf(b.Progress), RequiredBy: show.List(b.WaitedFor),
		})
	}
	return out
}
