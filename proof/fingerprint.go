package proof

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"

	"github.com/lib/pq"
)

//go:embed sql/fingerprint.sql
var fingerprintSQL string

//go:embed sql/publication_14.sql
var publication14SQL string

//go:embed sql/publication_15.sql
var publication15SQL string

// object is one object of the catalog, as pg_dump would print it.
type object struct {
	kind, name string
	parent     string // "kind name" of what it goes with, or ""
	definition string // a JSON object of its properties
}

func (o object) key() string { return o.kind + " " + o.name }

// fingerprint is all that a database's schema consists of, by kind and name.
type fingerprint map[string]object

// reader reads one scratch database over one connection.
type reader struct {
	db      *sql.DB
	conn    *sql.Conn
	catalog *sql.Stmt
	hidden  []string // the schemas that are none of the user's
}

// readerSettings make texts comparable: those of the catalog and those of rows.
const readerSettings = `SET search_path = pg_catalog, pg_temp;
SET row_security = off;
SET jit = off;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO, YMD';
SET IntervalStyle = 'postgres';
SET extra_float_digits = 1;
SET bytea_output = 'hex';
SET lc_monetary = 'C';
SET xmlbinary = 'base64';
SET statement_timeout = 0;
SET lock_timeout = 0`

// openReader connects. Hidden are the schemas that are left out.
func openReader(ctx context.Context, d *Database, version int, hidden []string) (*reader, error) {
	cfg := d.Conn
	cfg.ApplicationName = "rung proof"
	connector, err := pq.NewConnectorConfig(cfg)
	if err != nil {
		return nil, err
	}
	r := &reader{db: sql.OpenDB(connector), hidden: hidden}
	if err := r.prepare(ctx, version); err != nil {
		r.close()
		return nil, fmt.Errorf("read the scratch database: %w", err)
	}
	return r, nil
}

func (r *reader) prepare(ctx context.Context, version int) (err error) {
	if r.conn, err = r.db.Conn(ctx); err != nil {
		return err
	}
	if _, err = r.conn.ExecContext(ctx, readerSettings); err != nil {
		return err
	}
	publications := publication15SQL
	if version < 150000 {
		publications = publication14SQL
	}
	// Prepared, since the planning takes about as long as the reading.
	r.catalog, err = r.conn.PrepareContext(ctx, fingerprintSQL+publications)
	return err
}

func (r *reader) close() {
	if r.conn != nil {
		r.conn.Close()
	}
	r.db.Close()
}

// fingerprint reads the catalog, without the roles that rung itself made.
func (r *reader) fingerprint(ctx context.Context, roles []string) (fingerprint, error) {
	rows, err := r.catalog.QueryContext(ctx, pq.Array(r.hidden), pq.Array(notNil(roles)))
	if err != nil {
		return nil, fmt.Errorf("read the catalog: %w", err)
	}
	return scanFingerprint(rows)
}

func scanFingerprint(rows *sql.Rows) (fingerprint, error) {
	all := fingerprint{}
	err := eachObject(rows, func(o object) {
		key := o.key()
		for n := 2; ; n++ { // two of one name would hide each other
			if _, taken := all[key]; !taken {
				break
			}
			key = fmt.Sprintf("%s (%d)", o.key(), n)
		}
		all[key] = o
	})
	return all, err
}

// eachObject reads the rows of the catalog query.
func eachObject(rows *sql.Rows, do func(object)) error {
	defer rows.Close()
	for rows.Next() {
		var o object
		if err := rows.Scan(&o.kind, &o.name, &o.parent, &o.definition); err != nil {
			return fmt.Errorf("read the catalog: %w", err)
		}
		do(o)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read the catalog: %w", err)
	}
	return nil
}

// notNil is never NULL for the server.
func notNil(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}
