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
func LookAtCluster(ctx context.Context, s *pgconn.Session, book store.Book) (c Cluster, err error) {
	if !book.Start.Citus() {
		return c, nil
	}
	c = Cluster{On: true, book: book, written: &atomic.Int64{}}
	if err = s.Query(ctx, store.TrustedPath+citus.NodeSQL(c.table()), c.Node.Scan); err != nil {
		return c, fmt.Errorf("look at the Citus cluster: %w", pgconn.LostIs(err))
	}
	return c, c.refusal()
}

// EnsureTwoPhase makes the reference table, unless it is there. It runs under the lock.
func (c *Cluster) EnsureTwoPhase(ctx context.Context, s *pgconn.Session, limits Limits) error {
	n := &c.Node
	if !c.On || n.Nodes == 0 {
		return nil
	}
	if n.Table == citus.Missing {
		for _, m := range []string{
			c.book.Begin("") + limits.Local(&files.Script{}) + c.book.SQL("two_phase_create", nil),
			c.CreateReference(),
			"COMMIT",
		} {
			if err := s.Exec(ctx, m); err != nil {
				_ = s.Exec(ctx, "ROLLBACK")
				return fmt.Errorf("create %s, which makes each commit one of two phases on Citus: %w", c.table(), pgconn.LostIs(err))
			}
		}
		if err := s.Query(ctx, store.TrustedPath+citus.NodeSQL(c.table()), n.Scan); err != nil {
			return pgconn.LostIs(err)
		}
	}
	if n.Copies == 1 && !n.CoordinatorListed {
		return &plan.RefusalError{
			Reason: c.table() + " is on one node only, since the cluster has one worker and its coordinator is not listed: Citus would not commit by two phases, and a coordinator that dies in COMMIT could lose the history's entry of what is in place",
			Hint:   "SELECT citus_set_coordinator_host('the coordinator''s host'), and run rung again; or add a worker. Drop " + c.table() + " if Citus did not copy it by itself: rung makes it again",
		}
	}
	c.deleteTwoPhase(ctx, s)
	return nil
}

// HeedTwoPhase deletes the rows once there are many. It is called between transactions.
func (c *Cluster) HeedTwoPhase(ctx context.Context, s *pgconn.Session) {
	if c.On && c.written.Load() >= twoPhaseRows {
		c.written.Store(0)
		c.deleteTwoPhase(ctx, s)
	}
}

// deleteTwoPhase deletes the rows. It waits for who has written one and not committed,
// and others would wait behind it: so not for long. Where it fails, the next one does it.
func (c *Cluster) deleteTwoPhase(ctx context.Context, s *pgconn.Session) {
	limited, cancel := context.WithTimeout(ctx, deleteTwoPhaseLimit)
	defer cancel()
	for _, m := range append(append([]string{c.book.Begin("")}, citus.Propagated("lock_timeout = '200ms'")...), c.book.SQL("two_phase_delete", nil)+"COMMIT") {
		if s.Exec(limited, m) != nil {
			_ = s.Exec(limited, "ROLLBACK")
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
