package proof

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/aymanbagabas/go-udiff"
	"github.com/lib/pq"

	"rung/internal/pgdump"
	"rung/runner"
)

// dumps is the difference between pg_dump's text of the walk, which is as it
// was before the up, and of the trial after its down.
func (t *trial) dumps(ctx context.Context) (string, error) {
	if err := t.advance(ctx, t.i); err != nil {
		return "", err
	}
	before, err := t.scratch.Dump(ctx, t.walk, t.hidden())
	if err != nil {
		return "", err
	}
	after, err := t.scratch.Dump(ctx, t.trial, t.hidden())
	return udiff.Unified("before the up", "after the down", before, after), err
}

// Dump is a database's schema as pg_dump prints it.
func (s *Scratch) Dump(ctx context.Context, d *Database, hidden []string) (string, error) {
	program, err := s.Program("pg_dump")
	if err != nil {
		return "", &runner.RefusalError{Reason: "--dump needs pg_dump, which is not in the PATH", Hint: "install PostgreSQL's client programs (postgresql-client)"}
	}
	var args []string
	for _, schema := range hidden {
		args = append(args, "--exclude-schema="+pq.QuoteIdentifier(schema))
	}
	cfg := d.Conn
	if ip := net.ParseIP(cfg.Host); cfg.SSLMode == "" && (ip != nil && ip.IsLoopback() || cfg.Hostaddr.IsLoopback()) {
		cfg.SSLMode = pq.SSLModeDisable
	}
	text, err := pgdump.Schema(ctx, program, cfg, args...)
	if failed := (*pgdump.Error)(nil); errors.As(err, &failed) {
		err = fmt.Errorf("pg_dump of a scratch database: %w", err)
	}
	return text, err
}
