package runner

import (
	"time"

	"rung/runner/internal/plan"
)

// Background is a background backfill that is registered and not done.
type Background struct {
	Version Version
	Title   string // as the file's name has it
	Name    string
	State   BackfillState
	// Paused is true where `rung pause` holds it up, and By and Since say who did, and
	// when.
	Paused bool
	By     string
	Since  *time.Time
	// RegisteredAt and RegisteredBy are of the up that registered it.
	RegisteredAt time.Time
	RegisteredBy string
	StartedAt    *time.Time // nil: no worker has had it yet
	Heartbeat    *time.Time // its last batch
	// Attempts is how many have failed in a row, and FailedAt, Error, SQLState and
	// Keys are of the last one that did.
	Attempts              int
	FailedAt              *time.Time
	Error, SQLState, Keys string
	NextTry               *time.Time // when the next attempt may begin
	// Worker is who works on it, or nil.
	Worker *Holder
	// Progress is how far it is.
	Progress Progress
	// WaitedFor are the pending files that require it.
	WaitedFor []string

	run  string        // of work, which had it last
	rest time.Duration // until the next attempt
}

// BackfillState is where a background backfill stands.
type BackfillState = plan.BackfillState

// The states that a registered backfill can be in.
const (
	BackfillWaits  = plan.BackfillWaits
	BackfillRuns   = plan.BackfillRuns
	BackfillFailed = plan.BackfillFailed
)
