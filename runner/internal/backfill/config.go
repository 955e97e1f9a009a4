package backfill

import (
	"time"

	"rung/runner/internal/exec"
	"rung/runner/internal/files"
	"rung/runner/internal/lock"
	"rung/runner/internal/pgconn"
)

// Config is what backfills run with.
type Config struct {
	// Session runs the first worker, and the checkpoints.
	Session *exec.Session
	// Conn is for the workers beside it, and for VACUUM.
	Conn pgconn.Target
	// Retries is how often a batch is tried again that met a lock.
	Retries int
	// Options puts what was given by flags over the options of a directive.
	Options func(files.BatchOptions) files.BatchOptions
	Says    Listener
}

// Listener is told of what a backfill does.
type Listener interface {
	// BatchDone says that a batch is committed, and its first and last key.
	BatchDone(file string, line int, p Progress, took time.Duration, first, last []string)
	// Retrying says that a batch met a lock, or took too long, and is tried again.
	Retrying(file string, line int, err error, attempt, of int, blockers []lock.Blocker)
	// FewerWorkers says that there are not as many connections as workers were asked for.
	FewerWorkers(file string, line int, workers, wanted int, err error)
	// WaitingForReplica says that a replica is further behind than it may be.
	WaitingForReplica(file string, lag, most time.Duration)
	// Vacuumed says that the table was vacuumed.
	Vacuumed(file, table string, took time.Duration)
}
