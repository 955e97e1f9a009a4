package psqlscript

import (
	"strings"

	"rung/internal/citus"
	"rung/runner/internal/files"
	"rung/runner/internal/plan"
)

// twoPhaseTable makes the reference table, where the cluster has none.
func (h *byHand) twoPhaseTable() string {
	n := &h.x.Cluster.Node
	if n.Nodes == 0 || n.Table != citus.Missing {
		return ""
	}
	n.Table = citus.Reference
	return h.x.History.Begin("") + h.x.Limits.Local(&files.Script{}) + h.x.History.SQL("two_phase_create", nil) + h.x.Cluster.CreateReference() + "COMMIT;\n"
}

// onCluster is the same for psql, which sends each statement by itself.
func (h *byHand) onCluster(a plan.Action) string {
	if !h.x.Cluster.On {
		return ""
	}
	return strings.Join(h.x.Limits.Propagated(a.Script), "")
}

// noBatchesOnCluster refuses a script for what was never seen to work there.
func (h *byHand) noBatchesOnCluster(a plan.Action) error {
	if !h.x.Cluster.On {
		return nil
	}
	return &plan.RefusalError{
		Reason: a.Script.Path + " has batches, and a script for psql that runs batches on Citus was never tried",
		Hint:   "let rung run it: `rung " + string(a.Direction) + " --to " + string(a.Version) + "`",
	}
}
