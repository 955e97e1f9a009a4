package runner

import (
	"context"
	"crypto/rand"
	"fmt"
	"sync/atomic"
	"time"

	"rung/internal/citus"
	"rung/internal/pgtext"
	"rung/runner/internal/files"
	"rung/runner/internal/pgconn"
	"rung/runner/internal/plan"
	"rung/runner/internal/store"
)

// twoPhaseRows is how many rows of the reference table come together in a run before
// they are deleted.
const twoPhaseRows = 1000

// lookAtCluster asks once in a run what the server is, where the first read has found
// Citus. It refuses a node on which rung's promises would not hold.
func (w *worker) lookAtCluster(ctx context.Context) error {
	if !w.book.Start.Citus() {
		return nil
	}
	w.cluster = cluster{on: true, written: &atomic.Int64{}}
	err := w.s.Query(ctx, store.TrustedPath+citus.NodeSQL(w.twoPhaseTable()), w.cluster.node.Scan)
	if err != nil {
		return fmt.Errorf("look at the Citus cluster: %w", pgconn.LostIs(err))
	}
	return w.cluster.refusal(w.twoPhaseTable())
}

func (w *worker) twoPhaseTable() string { return pgtext.Ident(w.book.Schema) + ".two_phase" }

// ensureTwoPhase makes the reference table, unless it is there. It runs under the lock.
func (w *worker) ensureTwoPhase(ctx context.Context) error {
	n := &w.cluster.node
	if !w.cluster.on || n.Nodes == 0 {
		return nil
	}
	if n.Table == citus.Missing {
		for _, m := range []string{
			w.book.Begin("") + w.limits(&files.Script{}) + w.book.SQL("two_phase_create", nil),
			w.createReference(),
			"COMMIT",
		} {
			if err := w.s.Exec(ctx, m); err != nil {
				_ = w.s.Exec(ctx, "ROLLBACK")
				return fmt.Errorf("create %s, which makes each commit one of two phases on Citus: %w", w.twoPhaseTable(), pgconn.LostIs(err))
			}
		}
		if err := w.s.Query(ctx, store.TrustedPath+citus.NodeSQL(w.twoPhaseTable()), n.Scan); err != nil {
			return pgconn.LostIs(err)
		}
	}
	if n.Copies == 1 && !n.CoordinatorListed {
		return &plan.RefusalError{
			Reason: w.twoPhaseTable() + " is on one node only, since the cluster has one worker and its coordinator is not listed: Citus would not commit by two phases, and a coordinator that dies in COMMIT could lose the history's entry of what is in place",
			Hint:   "SELECT citus_set_coordinator_host('the coordinator''s host'), and run rung again; or add a worker. Drop " + w.twoPhaseTable() + " if Citus did not copy it by itself: rung makes it again",
		}
	}
	w.deleteTwoPhase(ctx)
	return nil
}

func (w *worker) createReference() string {
	return "SELECT pg_catalog.create_reference_table(" + pgtext.Literal(w.twoPhaseTable()) + ");\n"
}

// twoPhase is the row that makes a transaction one of two phases; "" where there is no
// need. It comes last, behind what the file does: a row with a key of its own waits for
// nobody.
func (w *worker) twoPhase() string {
	if w.cluster.node.Table != citus.Reference {
		return ""
	}
	w.cluster.written.Add(1)
	return w.book.SQL("two_phase", store.Values{"id": newUUID()})
}

// heedTwoPhase deletes the rows once there are many. It is called between transactions.
func (w *worker) heedTwoPhase(ctx context.Context) {
	if w.cluster.on && w.cluster.written.Load() >= twoPhaseRows {
		w.cluster.written.Store(0)
		w.deleteTwoPhase(ctx)
	}
}

// deleteTwoPhase deletes the rows. It waits for who has written one and not committed,
// and others would wait behind it: so not for long. Where it fails, the next one does it.
func (w *worker) deleteTwoPhase(ctx context.Context) {
	limited, cancel := context.WithTimeout(ctx, deleteTwoPhaseLimit)
	defer cancel()
	for _, m := range append(append([]string{w.book.Begin("")}, citus.Propagated("lock_timeout = '200ms'")...), w.book.SQL("two_phase_delete", nil)+"COMMIT") {
		if w.s.Exec(limited, m) != nil {
			_ = w.s.Exec(limited, "ROLLBACK")
			return
		}
	}
}

const deleteTwoPhaseLimit = 10 * time.Second

// newUUID is a random one.
func newUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // it never fails (crypto/rand)
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// notAsShards keeps the history's tables out of a schema that is one shard: they are
// local tables of the coordinator.
func (w *worker) notAsShards() string {
	if !w.cluster.on {
		return ""
	}
	return "SET LOCAL citus.enable_schema_based_sharding = off;\n"
}
