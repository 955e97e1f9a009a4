package runner

import (
	"sync"

	"rung/runner/internal/pgconn"
)

// Sessions keeps connections for Runners that work on one database one after the
// other, as those of its schemas do: to connect costs more than to find that there
// is nothing to do. The zero value has none yet. It is for one pq.Config and role.
type Sessions struct {
	mu   sync.Mutex
	idle []*pgconn.Session
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
