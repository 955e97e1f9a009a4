package runner

import (
	"rung/runner/internal/exec"
	"rung/runner/internal/plan"
	"rung/runner/internal/store"
)

// worker does the work of one run over one session.
type worker struct {
	*Runner
	session  *exec.Session
	history  *store.History // that of the session
	report   *Report
	outcomes *outcomes
	// ended are the backfills of the migration in hand that ended in this run.
	ended []Progress
}

func (w *worker) actor() string {
	if w.cfg.Role != "" {
		return w.cfg.Role
	}
	return w.cfg.Conn.User
}

func (w *worker) title(a plan.Action) string { return w.cfg.Dir.Title(a.Version, a.Name) }
