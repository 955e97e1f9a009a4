package lock

import (
	"context"

	"rung/internal/citus"
	"rung/runner/internal/pgconn"
	"rung/runner/internal/store"
)

// Shards asks who is waited for on the shards: the coordinator's pg_blocking_pids
// knows only of its own locks. It asks over a connection of its own, as the question
// goes to all nodes and fails where one is down, and a failed one would cost the lock.
// Nil asks nothing.
type Shards struct {
	conn pgconn.Target
	s    *pgconn.Session
}

// NewShards asks those of a cluster of so many nodes; nil for none.
func NewShards(conn pgconn.Target, nodes int) *Shards {
	if nodes == 0 {
		return nil
	}
	return &Shards{conn: conn}
}

// of lists them for a server process of the coordinator; none where the question fails:
// then the statement waits all the same, and its error tells why.
func (b *Shards) of(ctx context.Context, pid int) []Blocker {
	if b == nil {
		return nil
	}
	if b.s == nil {
		s, err := pgconn.Connect(ctx, b.conn)
		if err != nil {
			return nil
		}
		b.s = s
	}
	found, err := BlockersOf(ctx, b.s, store.TrustedPath+citus.LockWaitsSQL(pid))
	if err != nil {
		b.close()
		return nil
	}
	return found
}

func (b *Shards) close() {
	if b != nil && b.s != nil {
		b.s.Close()
		b.s = nil
	}
}
