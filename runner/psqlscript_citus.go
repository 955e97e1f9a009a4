package runner

import (
	"strings"

	"rung/internal/citus"
	"rung/runner/internal/files"
	"rung/runner/internal/plan"
)

// twoPhaseTable makes the reference table, where the cluster has none.
func (h *byHand) twoPhaseTable() string {
	n := &h.w.session.Cluster.Node
	if n.Nodes == 0 || n.Table != citus.Missing {
		return ""
	}
	n.Table = citus.Reference
	return h.w.book.Begin("") + h.w.session.Limits.Local(&files.Script{}) + h.w.book.SQL("two_phase_create", nil) + h.w.session.CreateReference() + "COMMIT;\n"
}

// onCluster is the same for psql, which sends each statement by itself.
func (h *byHand) onCluster(a plan.Action) string {
	if !h.w.session.Cluster.On {
		return ""
	}
	return strings.Join(h.w.session.ClusterLimits(a.Script), "")
}

// noBatchesOnCluster refuses a script for what was never seen to work there.
func (h *byHand) noBatchesOnCluster(a plan.Action) error {
	if !h.w.session.Cluster.On {
		return nil
	}
	return &plan.RefusalError{
		Reason: a.Script.Path + " has batches, and a script for psql that runs batches on Citus was never tried",
		Hint:   "let rung run it: `rung " + string(a.Direction) + " --to " + string(a.Version) + "`",
	}
}
