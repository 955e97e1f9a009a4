package main

import (
	"context"
	"fmt"
	"time"
)

// waits count how many clients waited for a lock, at moments evenly spread.
type waits struct {
	looks   int
	waiting int // in all looks together
	most    int // in one look
}

// share is how much of the clients' time went to waiting.
func (w waits) share() float64 {
	return float64(w.waiting) / float64(max(w.looks, 1)*loadClients)
}

func (w waits) plus(v waits) waits {
	return waits{w.looks + v.looks, w.waiting + v.waiting, max(w.most, v.most)}
}

// lookEvery is short beside any wait that a user would notice.
const lookEvery = 20 * time.Millisecond

// watchLocks looks at the load's clients until it is stopped; then the waits
// may be read.
func (s *server) watchLocks(ctx context.Context, name string) (seen *waits, stop func() error) {
	seen = &waits{}
	return seen, watch(ctx, lookEvery, func(ctx context.Context) error {
		var waiting int
		err := s.admin.QueryRowContext(ctx, `
			SELECT count(*) FROM pg_stat_activity
			 WHERE datname = $1 AND application_name = 'pgbench' AND wait_event_type = 'Lock'`, name).Scan(&waiting)
		if err != nil {
			return fmt.Errorf("look for lock waits: %w", err)
		}
		*seen = seen.plus(waits{1, waiting, waiting})
		return nil
	})
}

// watch looks again and again until it is stopped. A look is not broken off.
func watch(ctx context.Context, every time.Duration, look func(context.Context) error) (stop func() error) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			if err := look(context.WithoutCancel(ctx)); err != nil {
				ended <- err
				return
			}
			select {
			case <-tick.C:
			case <-ctx.Done():
				ended <- nil
				return
			}
		}
	}()
	return func() error {
		cancel()
		return <-ended
	}
}
