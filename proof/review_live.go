package proof

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/lib/pq"

	"rung/internal/pgtext"
	"rung/runner"
)

//go:embed sql/observe_live.sql
var observeLiveSQL string

// liveDatabase is the one that the files are meant for. It is only read, each
// time in a short READ ONLY transaction with one snapshot.
type liveDatabase struct {
	conn    pq.Config
	role    string
	name    string // PostgreSQL 15.20
	version int
	zone    string
}

// liveSize is what a relation holds, by PostgreSQL's own count.
type liveSize struct{ rows, bytes int64 }

// liveBegin starts a transaction that can change nothing, waits for nobody, and
// runs nothing of what other roles made.
const liveBegin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = '10s'; SET LOCAL lock_timeout = '1s'; SET LOCAL search_path = pg_catalog"

func openLive(ctx context.Context, cfg runner.Config) (*liveDatabase, error) {
	l := &liveDatabase{conn: cfg.Conn, role: cfg.Role}
	err := l.read(ctx, func(conn *sql.Conn) error {
		return conn.QueryRowContext(ctx, "SELECT current_setting('server_version_num')::int4, 'PostgreSQL ' || split_part(current_setting('server_version'), ' ', 1), current_setting('TimeZone')").
			Scan(&l.version, &l.name, &l.zone)
	})
	return l, err
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
		return &runner.Unreachable{Err: fmt.Errorf("connect to %s: %w", liveAddress(l.conn), err)}
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

// sizes are those of the relations that are there, by their oids on the scratch
// server.
func (l *liveDatabase) sizes(ctx context.Context, asked map[int64]*relation) (map[int64]liveSize, error) {
	all := map[int64]liveSize{}
	if len(asked) == 0 {
		return all, nil
	}
	var oids, tables, schemas []string
	for _, oid := range sortedOIDs(asked) {
		oids = append(oids, strconv.FormatInt(oid, 10))
		tables, schemas = append(tables, pgtext.Literal(asked[oid].Name)), append(schemas, pgtext.Literal(asked[oid].Schema))
	}
	text := strings.NewReplacer("OIDS", strings.Join(oids, ", "), "TABLES", strings.Join(tables, ", "), "SCHEMAS", strings.Join(schemas, ", ")).Replace(observeLiveSQL)
	err := l.read(ctx, func(conn *sql.Conn) error {
		rows, err := conn.QueryContext(ctx, text)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var oid int64
			var size liveSize
			if err := rows.Scan(&oid, &size.rows, &size.bytes); err != nil {
				return err
			}
			all[oid] = size
		}
		return rows.Err()
	})
	return all, err
}
