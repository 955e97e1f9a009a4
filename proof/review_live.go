package proof

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/lib/pq"

	"rung/internal/pgtext"
	"rung/runner"
)

// liveDatabase is the one that the files are meant for. It is only read, each
// time in a short READ ONLY transaction with one snapshot.
type liveDatabase struct {
	conn    pq.Config
	role    string
	name    string // PostgreSQL 15.20
	version int
	zone    string
	// standby is true for a replica; counts where it counts what happens.
	standby, counts bool
	samples         *samples
	// scope is the schema that the files are for, shared those that its search_path
	// has besides; "" and nil for the whole database.
	scope  string
	shared []string
}

// liveBegin starts a transaction that can change nothing, waits for nobody, and
// runs nothing of what other roles made.
const liveBegin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = '10s'; SET LOCAL lock_timeout = '1s'; SET LOCAL search_path = pg_catalog"

func openLive(ctx context.Context, cfg runner.Config, s *samples) (*liveDatabase, error) {
	l := &liveDatabase{conn: cfg.Conn, role: cfg.Role, samples: s, scope: cfg.Scope, shared: cfg.Shared}
	err := l.read(ctx, func(conn *sql.Conn) error {
		return conn.QueryRowContext(ctx, "SELECT current_setting('server_version_num')::int4, 'PostgreSQL ' || split_part(current_setting('server_version'), ' ', 1), current_setting('TimeZone'), pg_is_in_recovery(), current_setting('track_counts')::bool").
			Scan(&l.version, &l.name, &l.zone, &l.standby, &l.counts)
	})
	if err != nil || !l.counts {
		return l, err
	}
	return l, s.atLeast(ctx, 1, l.traffic)
}

// read runs queries in one transaction.
func (l *liveDatabase) read(ctx context.Context, query func(*sql.Conn) error) error {
	connector, err := pq.NewConnectorConfig(l.conn)
	if err != nil {
		return err
	}
	db := sql.OpenDB(connector)
	defer db.Close()
	conn, err := db.Conn(ctx)
	if err != nil {
		return &runner.UnreachableError{Err: fmt.Errorf("connect to %s: %w", liveAddress(l.conn), err)}
	}
	defer conn.Close()
	begin := liveBegin
	if l.role != "" {
		begin += "; SET LOCAL ROLE " + pgtext.Role(l.role)
	}
	if _, err := conn.ExecContext(ctx, begin); err != nil {
		return fmt.Errorf("read %s: %w", liveAddress(l.conn), err)
	}
	err = query(conn)
	_, ended := conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
	if err = errors.Join(err, ended); err != nil {
		return fmt.Errorf("read %s: %w", liveAddress(l.conn), err)
	}
	return nil
}

// liveAddress names the live database for messages, without a password.
func liveAddress(cfg pq.Config) string {
	return strings.TrimPrefix(fmt.Sprintf("%s:%d/%s", cfg.Host, cfg.Port, cfg.Database), ":")
}

// searchPath is that of the files in the live database.
func (l *liveDatabase) searchPath() string {
	if l.scope == "" {
		return "DEFAULT"
	}
	return pathOf(l.scope, l.shared)
}

// here is a text of the scratch server's as the live database understands it.
func (l *liveDatabase) here(text string) string {
	if l.scope == "" {
		return text
	}
	scope := pgtext.Ident(l.scope)
	return strings.NewReplacer(`"`+scratchScope+`".`, scope+".", scratchScope+".", scope+".").Replace(text)
}

// schemaOf is the live schema that a relation of the scratch server is in.
func (l *liveDatabase) schemaOf(r *relation) string {
	if r.Schema == scratchScope {
		return l.scope
	}
	return r.Schema
}
