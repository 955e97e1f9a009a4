package runner

import (
	"time"

	"rung/runner/internal/backfill"
	"rung/runner/internal/exec"
	"rung/runner/internal/files"
	"rung/runner/internal/plan"
	"rung/runner/internal/store"
)

// applier applies the actions of a plan, under the lock.
type applier struct {
	session  *exec.Session
	history  *store.History // that of the session
	dir      *files.Directory
	report   *Report
	outcomes *outcomes
	emit     func(Event)
	// lockWait and lockRetries are those of the Config.
	lockWait    time.Duration
	lockRetries int
	// batches is what backfills run with.
	batches backfill.Config

	// ended are the backfills of the migration in hand that ended in this run.
	ended []Progress
}

func (ap *applier) title(a plan.Action) string { return ap.dir.Title(a.Version, a.Name) }
