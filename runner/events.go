package runner

import (
	"time"

	"rung/runner/internal/lock"
)

// Event is something that happened while the runner worked. The listener
// decides what becomes of it; text and JSON are two Visitors.
type Event interface{ Visit(Visitor) }

// WaitingForServer says that the server does not answer yet.
type WaitingForServer struct {
	Err  error
	Left time.Duration // until the runner gives up
}

// WaitingForLock says that another runner works. It comes at once and then
// every few seconds.
type WaitingForLock struct {
	Holder Holder
	Waited time.Duration
	// Backfill is how far the other's backfill is, or nil.
	Backfill *Progress
	// Of is the migration whose background backfill is to stop, so that it can be
	// reverted; "" where the migration lock is waited for.
	Of string
}

// HistoryCreated says that the history tables were created, or upgraded to a newer format.
type HistoryCreated struct {
	Schema   string
	From, To int // forms; From is 0 when there was none
}

// Started says that a migration begins, or resumes at Step (counted from 1).
type Started struct {
	Direction   Direction
	Version     Version
	Title       string // as the file's name has it: 000007_users_is_premium
	Name, File  string
	Mode        Mode
	Step, Steps int
	Resumed     bool
}

// StepDone says that a step of a stepwise migration is in place with its checkpoint.
type StepDone struct {
	Version     Version
	File        string
	Line        int
	Step, Steps int
	Duration    time.Duration
}

// RunStarted says which database a run works on. It comes once, before the rest.
type RunStarted struct {
	Run string // as the history has it
	// Server is host and port.
	Server, Database, User string
}

// RunFinished says how a run ended: the last event of one that started.
type RunFinished struct {
	Run  string
	Done int // migrations
	Took time.Duration
	Err  error // nil where it did all that it was to do
}

// Working is a sign of life: what runs, every second, once it has run for one.
type Working struct {
	Direction   Direction
	Version     Version
	File        string
	Line        int
	Part        string // for Line 0, as in Blocked
	Step, Steps int
	Statement   string // its beginning, on one line
	// Took is since when the statement runs, FileTook since when its file does.
	Took, FileTook time.Duration
	// Phase is what the server is at with an index, in its own words, and how much
	// of that is done; "" where it builds none.
	Phase                 string
	PhaseDone, PhaseTotal int64
}

// Finished says that a migration is in place, or reverted, with its history entry.
type Finished struct{ Done }

// Notice is what the server said while a file ran.
type Notice struct {
	File, Severity        string
	Message, Detail, Hint string
	Line                  int // of the statement that said it
}

// Blocked says which sessions block a statement that waits for a lock.
type Blocked struct {
	Version Version
	File    string
	Line    int
	// Part says, for Line 0, what waits that is no statement of the file:
	// AtCommit or InHistory.
	Part string
	// Dead is true where it waits for the session of a runner that died, or
	// lost its lock: the server carries on with what that one had begun.
	Dead     bool
	Blockers []Blocker
}

// Retrying says that an attempt met a lock timeout or a deadlock, was rolled back, and is made again.
type Retrying struct {
	File        string
	Line        int
	Part        string // for Line 0, as in Blocked
	Err         error
	Attempt, Of int
	Blockers    []Blocker
}

// Overtaken says that a migration is in place, or reverted, by another session:
// that of a runner which died. Nothing of it was run here.
type Overtaken struct {
	Direction  Direction
	Version    Version
	Title      string
	Name, File string
}

// Settling says that the connection was lost and rung reads the outcome from
// the history.
type Settling struct{ File string }

// Cleaned says that an INVALID index which an earlier try left was dropped.
type Cleaned struct{ File, Index string }

// BatchDone says that a batch of a backfill is committed.
type BatchDone struct {
	File        string
	Line        int
	Progress    Progress
	Took        time.Duration
	First, Last []string // the batch's keys
}

// BackfillDone says that all batches of a step are committed, and how many keys
// they walked and rows they changed.
type BackfillDone struct {
	File     string
	Line     int
	Progress Progress
}

// FewerWorkers says that a backfill runs with fewer workers than asked for,
// because the server or a pooler allows no more connections.
type FewerWorkers struct {
	File            string
	Line            int
	Workers, Wanted int
	Err             error
}

// WaitingForReplica says that a backfill waits for a replica that is behind.
type WaitingForReplica struct {
	File        string
	Lag, MaxLag time.Duration
}

// Vacuumed says that a backfill vacuumed its table.
type Vacuumed struct {
	File, Table string
	Took        time.Duration
}

// Paused says that a backfill waits for rung resume.
type Paused struct {
	Version  Version
	Title    string // as the file's name has it
	Name, By string
	Since    time.Time
}

// Queue says which background backfills are not done, each time that work looks.
type Queue struct{ Background []Background }

// Passed says that work leaves a backfill: it is paused, another has it, or its next
// attempt is not due yet.
type Passed struct{ Background Background }

// WaitingForBackfill says that a file requires a background backfill that is not done,
// and that up waits for it.
type WaitingForBackfill struct {
	File       string
	Background Background
}

// AttemptFailed says that an attempt at a background backfill has failed.
type AttemptFailed struct {
	Background Background
	Err        error
	Attempt    int           // from 1; 0 where nothing could be tried
	Final      bool          // no other follows
	Pause      time.Duration // before the next one
	Returned   bool          // Work returns Err when it ends
}

// NotLogged says that the log could not be told of an attempt that failed.
type NotLogged struct {
	File string
	Err  error
}

// Restored says that the history tables were given back what they lacked.
type Restored struct {
	Schema string
	What   string
}

// Warned is a finding that does not stop the run.
type Warned struct{ Finding Finding }

// Done is one migration that a run finished.
type Done struct {
	Direction  Direction
	Version    Version
	Title      string
	Name, File string
	Duration   time.Duration // 0 where it is not known
	Steps      int
	// Backfills are the batched steps that ended in this run.
	Backfills []Progress
	// Registered is true where up left the backfill to work, and Rows is about how
	// many rows its tables have.
	Registered bool
	Rows       int64
	// Worked is true where work ran the rest of a background file.
	Worked bool
}

// Blocker is a session that holds what a statement waits for: its PID, User,
// Application, State, Query, and the Age of its transaction.
type Blocker = lock.Blocker

// Holder is the runner that has the lock: its PID, User and Application, Since when it
// has it, and the File that it runs, FileSince and FileTook. They are zero where the server
// does not tell.
type Holder = lock.Holder

// What may fail of a migration that is no statement of its file.
const (
	AtCommit  = lock.AtCommit
	InHistory = lock.InHistory
)
