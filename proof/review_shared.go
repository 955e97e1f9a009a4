package proof

import (
	"context"
	"sync"

	"github.com/lib/pq"
)

// Reviews is what the reviews of many databases with one directory share: what the
// same pending files do on a scratch server is observed once, and the traffic of a
// database is measured once for all its schemas. Its zero value is ready; nil
// shares nothing.
type Reviews struct {
	mu   sync.Mutex
	seen map[string]func(context.Context) (*observation, error)
	live map[string]*samples
}

// observation is what pending files did on a scratch server, whatever the live
// database is. It is not changed any more; copy makes findings to weigh.
type observation struct {
	server     string
	version    int
	zone       string
	statements []*Observed
	found      []*ReviewFinding
	checks     []dataCheck
	known      map[int64]*relation
	notes      []string
}

func (s *observation) copy() *observation {
	own := *s
	own.found = nil
	for _, f := range s.found {
		one := *f
		own.found = append(own.found, &one)
	}
	return &own
}

// once is what makes an observation, or finds one of the same key.
func (r *Reviews) once(key string, observe func(context.Context) (*observation, error)) func(context.Context) (*observation, error) {
	if r == nil {
		return observe
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.seen == nil {
		r.seen = map[string]func(context.Context) (*observation, error){}
	}
	if r.seen[key] == nil {
		var mu sync.Mutex // the second one waits for the first
		var made *observation
		r.seen[key] = func(ctx context.Context) (_ *observation, err error) {
			mu.Lock()
			defer mu.Unlock()
			if made == nil {
				if made, err = observe(ctx); err != nil {
					return nil, err
				}
			}
			return made.copy(), nil
		}
	}
	return r.seen[key]
}

// samplesOf are those of a database.
func (r *Reviews) samplesOf(conn pq.Config) *samples {
	if r == nil {
		return &samples{}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.live == nil {
		r.live = map[string]*samples{}
	}
	at := liveAddress(conn)
	if r.live[at] == nil {
		r.live[at] = &samples{}
	}
	return r.live[at]
}
