package runner

import (
	"sync"

	"rung/runner/internal/pgconn"
)

// Sessions keeps connections for Runners that work on one database one after the
// other, as those of its schemas do: to connect costs more than to find that there
// is nothing to do. It keeps for them, too, what is true of all schemas and is read
// once. The zero value has none yet. It is for one Config, but for the scope.
type Sessions struct {
	mu     sync.Mutex
	idle   []*pgconn.Session
	start  *pgconn.Start
	scopes scopesKnown
	locks  locksHeld
}

// known and held are for Runners that may have no Sessions: then they know nothing.
func (p *Sessions) known() *scopesKnown {
	if p == nil {
		return nil
	}
	return &p.scopes
}

func (p *Sessions) held() *locksHeld {
	if p == nil {
		return nil
	}
	return &p.locks
}

// startOf is what the connections start with: the same for all, so that one that has
// read it has done so for the others.
func (p *Sessions) startOf(fresh *pgconn.Start) *pgconn.Start {
	if p == nil {
		return fresh
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.start == nil {
		p.start = fresh
	}
	return p.start
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

// locksHeld counts the migration locks that are held over these connections. Where a
// pool gives fewer connections than locks and work need, a lock's transaction may have
// the last one, and the work beside it would wait for ever. So it is asked first, with a
// limit: unless as many locks were held before while an answer came.
type locksHeld struct {
	mu                    sync.Mutex
	held, released, roomy int
}

// took counts a lock, until the returned function is called.
func (l *locksHeld) took() (released func()) {
	if l == nil {
		return func() {}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.held++
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.held, l.released = l.held-1, l.released+1
	}
}

// asks begins a question beside the locks that are held. The returned function is told
// that the answer came.
func (l *locksHeld) asks() (answered func()) {
	if l == nil {
		return func() {}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	held, released := l.held, l.released
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.released == released {
			l.roomy = max(l.roomy, held)
		}
	}
}

// isRoomy reports whether the work beside the locks that are held gets its answer.
func (l *locksHeld) isRoomy() bool {
	if l == nil {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.held <= l.roomy
}
