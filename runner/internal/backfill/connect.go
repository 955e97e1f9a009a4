package backfill

import (
	"context"

	"rung/runner/internal/pgconn"
)

// connectWorker opens a worker's session, and makes sure that a pooler gives it one
// of the server's. It ends when no batch is left to wait for.
func (b *backfill) connectWorker() (*pgconn.Session, error) {
	return connectThrough(b.joining, b.cfg.Conn)
}

// connectThrough opens a session and makes sure that a server answers.
func connectThrough(ctx context.Context, t pgconn.Target) (*pgconn.Session, error) {
	s, err := pgconn.Connect(ctx, t)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, s.Cut)
	if err = s.Exec(ctx, "SELECT 1"); !stop() && err == nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}
