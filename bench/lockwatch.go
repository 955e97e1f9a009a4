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

// A lockWatch looks at the load's clients until it is stopped.
type lockWatch struct {
	stop func() (waits, error)
}

func (s *server) watchLocks(ctx context.Context, name string) lockWatch {
	ctx, cancel := context.WithCancel(ctx)
	var seen waits
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(lookEvery)
		defer tick.Stop()
		for {
			var waiting int
			err = s.admin.QueryRowContext(context.WithoutCancel(ctx), `
				SELECT count(*) FROM pg_stat_activity
				 WHERE datname = $1 AND application_name = 'pgbench' AND wait_event_type = 'Lock'`, name).Scan(&waiting)
			if err != nil {
				err = fmt.Errorf("look for lock waits: %w", err)
				return
			}
			seen = seen.plus(waits{1, waiting, waiting})
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
		}
	}()
	return lockWatch{func() (waits, error) {
		cancel()
		<-done
		return seen, err
	}}
}
