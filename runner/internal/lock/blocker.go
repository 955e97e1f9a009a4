package lock

import (
	"context"
	"database/sql"
	"time"

	"rung/runner/internal/pgconn"
)

// Blocker is a session that holds what a statement waits for.
type Blocker struct {
	PID         int    `json:"pid"`
	User        string `json:"user"`
	Application string `json:"application"`
	State       string `json:"state"`
	// Age is how long its transaction has been open.
	Age   time.Duration `json:"-"`
	Query string        `json:"query"`
}

// BlockersOf reads sessions, as blockers.sql lists them.
func BlockersOf(ctx context.Context, s *pgconn.Session, q string) (bs []Blocker, err error) {
	err = s.Query(ctx, q, func(rows *sql.Rows) error {
		var b Blocker
		var ms *int64
		if err := rows.Scan(&b.PID, &b.User, &b.Application, &b.State, &ms, &b.Query); err != nil {
			return err
		}
		if ms != nil {
			b.Age = time.Duration(*ms) * time.Millisecond
		}
		bs = append(bs, b)
		return nil
	})
	return bs, err
}
