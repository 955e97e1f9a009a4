package runner

import (
	"sync"
	"sync/atomic"

	"rung/runner/internal/pgconn"
	"rung/runner/internal/store"
)

// Sessions keeps connections for Runners that work on one database one after the
// other, as those of its schemas do: to connect costs more than to find that there
// is nothing to do. The zero value has none yet. It is for one pq.Config and role.
type Sessions struct {
	mu   sync.Mutex
	idle []*pgconn.Session
	// whole is true once a Runner has looked at all that is on the history tables.
	whole atomic.Bool
}

// gate is how closely a Runner looks at the history tables before it works on them:
// once for all that share the connections, as a run over many files does. The look
// costs the server more than a small file. Whose the tables are is asked each time.
func (p *Sessions) gate() store.Gate {
	if p != nil && p.whole.Load() {
		return store.AtGlance
	}
	return store.Whole
}

func (p *Sessions) looked() {
	if p != nil {
		p.whole.Store(true)
	}
}

// take gives a connection that nobody uses, or nil.
func (p *Sessions) take() *pgconn.Session {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for n := len(p.idle) - 1; n >= 0; n-- {
		s := p.idle[n]
		if p.idle = p.idle[:n]; s.Alive() {
			return s
		}
		s.Close()
	}
	return nil
}

// put keeps a connection on which nothing is open and nothing is set.
func (p *Sessions) put(s *pgconn.Session) {
	if p == nil || !s.Alive() {
		s.Close()
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idle = append(p.idle, s)
}

// Close closes those that nobody uses.
func (p *Sessions) Close() {
	for s := p.take(); s != nil; s = p.take() {
		s.Close()
	}
}
