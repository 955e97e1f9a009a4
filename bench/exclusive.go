package main

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// glanceEvery is short beside any stall that a user would notice. A hold that
// is shorter still may be missed, but as often as not it counts for more than
// it was, so their sum is right on average.
const glanceEvery = 5 * time.Millisecond

// A glance is one look at who holds the table ACCESS EXCLUSIVE.
type glance struct {
	at     time.Time
	holder string // its transaction, or ""
}

// holds are the times for which nobody else could so much as read the table.
type holds struct {
	total   time.Duration
	longest time.Duration // in one transaction
}

// addUp lets each glance stand for the time half way to its neighbours.
func addUp(glances []glance) (h holds) {
	var one time.Duration // by the holder, so far
	for i, g := range glances {
		if g.holder == "" {
			continue
		}
		if i > 0 && glances[i-1].holder != g.holder {
			one = 0
		}
		stands := half(glances, i-1) + half(glances, i)
		one += stands
		h.total += stands
		h.longest = max(h.longest, one)
	}
	return h
}

// half is half of the time from a glance to the next.
func half(glances []glance, i int) time.Duration {
	if i < 0 || i+1 >= len(glances) {
		return 0
	}
	return glances[i+1].at.Sub(glances[i].at) / 2
}

// watchExclusive glances at a table's locks until it is stopped; then the
// glances may be read. Autovacuum's are left out: it lets go when it is asked to.
func (s *server) watchExclusive(ctx context.Context, name string, t bigTable) (seen *[]glance, stop func() error, err error) {
	var database, table int64
	err = s.in(name, func(db *sql.DB) error {
		return db.QueryRowContext(ctx,
			"SELECT (SELECT oid FROM pg_database WHERE datname = current_database()), $1::regclass::oid", t.name).
			Scan(&database, &table)
	})
	if err != nil {
		return nil, nil, err
	}
	look, err := s.admin.PrepareContext(ctx, `
		SELECT clock_timestamp(), coalesce((
		       SELECT l.virtualtransaction
		         FROM pg_locks AS l
		         JOIN pg_stat_activity AS a USING (pid)
		        WHERE l.database = $1 AND l.relation = $2
		          AND l.mode = 'AccessExclusiveLock' AND l.granted
		          AND a.backend_type = 'client backend'), '')`)
	if err != nil {
		return nil, nil, fmt.Errorf("look for holders: %w", err)
	}
	seen = &[]glance{}
	end := watch(ctx, glanceEvery, func(ctx context.Context) error {
		var g glance
		if err := look.QueryRowContext(ctx, database, table).Scan(&g.at, &g.holder); err != nil {
			return fmt.Errorf("look for holders: %w", err)
		}
		*seen = append(*seen, g)
		return nil
	})
	return seen, func() error {
		defer look.Close()
		return end()
	}, nil
}
