package exec

import (
	"context"
	"crypto/rand"
	"fmt"
	"sync/atomic"
	"time"

	"rung/internal/citus"
	"rung/runner/internal/files"
	"rung/runner/internal/pgconn"
	"rung/runner/internal/plan"
	"rung/runner/internal/store"
)

// twoPhaseRows is how many rows of the reference table come together in a run before
// they are deleted.
const twoPhaseRows = 1000

// LookAtCluster asks once in a run what the server is, where the first read has found
// Citus. It refuses a node on which rung's promises would not hold.
func (x *Session) LookAtCluster(ctx context.Context) error {
	if !x.History.Start.Citus() {
		return nil
	}
	x.Cluster = Cluster{On: true, book: x.History.Book, written: &atomic.Int64{}}
	err := x.Conn.Query(ctx, store.TrustedPath+citus.NodeSQL(x.Cluster.table()), x.Cluster.Node.Scan)
	if err != nil {
		return fmt.Errorf("look at the Citus cluster: %w", pgconn.LostIs(err))
	}
	return x.Cluster.refusal()
}

// EnsureTwoPhase makes the reference table, unless it is there. It runs under the lock.
func (x *Session) EnsureTwoPhase(ctx context.Context) error {
	n := &x.Cluster.Node
	if !x.Cluster.On || n.Nodes == 0 {
		return nil
	}
	if n.Table == citus.Missing {
		for _, m := range []string{
			x.History.Begin("") + x.Limits.Local(&files.Script{}) + x.History.SQL("two_phase_create", nil),
			x.Cluster.CreateReference(),
			"COMMIT",
		} {
			if err := x.Conn.Exec(ctx, m); err != nil {
				_ = x.Conn.Exec(ctx, "ROLLBACK")
				return fmt.Errorf("create %s, which makes each commit one of two phases on Citus: %w", x.Cluster.table(), pgconn.LostIs(err))
			}
		}
		if err := x.Conn.Query(ctx, store.TrustedPath+citus.NodeSQL(x.Cluster.table()), n.Scan); err != nil {
			return pgconn.LostIs(err)
		}
	}
	if n.Copies == 1 && !n.CoordinatorListed {
		return &plan.RefusalError{
			Reason: x.Cluster.table() + " is on one node only, since the cluster has one worker and its coordinator is not listed: Citus would not commit by two phases, and a coordinator that dies in COMMIT could lose the history's entry of what is in place",
			Hint:   "SELECT citus_set_coordinator_host('the coordinator''s host'), and run rung again; or add a worker. Drop " + x.Cluster.table() + " if Citus did not copy it by itself: rung makes it again",
		}
	}
	x.deleteTwoPhase(ctx)
	return nil
}

// HeedTwoPhase deletes the rows once there are many. It is called between transactions.
func (x *Session) HeedTwoPhase(ctx context.Context) {
	if x.Cluster.On && x.Cluster.written.Load() >= twoPhaseRows {
		x.Cluster.written.Store(0)
		x.deleteTwoPhase(ctx)
	}
}

// deleteTwoPhase deletes the rows. It waits for who has written one and not committed,
// and others would wait behind it: so not for long. Where it fails, the next one does it.
func (x *Session) deleteTwoPhase(ctx context.Context) {
	limited, cancel := context.WithTimeout(ctx, deleteTwoPhaseLimit)
	defer cancel()
	for _, m := range append(append([]string{x.History.Begin("")}, citus.Propagated("lock_timeout = '200ms'")...), x.History.SQL("two_phase_delete", nil)+"COMMIT") {
		if x.Conn.Exec(limited, m) != nil {
			_ = x.Conn.Exec(limited, "ROLLBACK")
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
