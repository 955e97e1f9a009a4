package runner

import (
	"rung/runner/internal/exec"
	"rung/runner/internal/store"
)

// worker does the work of one run over one session.
type worker struct {
	*Runner
	session  *exec.Session
	history  *store.History // that of the session
	report   *Report
	outcomes *outcomes
	applier  *applier
}

func (w *worker) actor() string {
	if w.cfg.Role != "" {
		return w.cfg.Role
	}
	return w.session.Conn.User
}
