package fleet

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/lib/pq"

	"rung/runner"
)

// Query runs a query of the user's, in a transaction that only reads, on the
// database that conn names. Its rows are targets: the name and the address.
func Query(ctx context.Context, conn pq.Config, query string) ([]Target, error) {
	l := newLister()
	err := ask(ctx, conn, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, query)
		if err != nil {
			return badInput("it runs on the database of --database-url, in a transaction that only reads", "--targets-query: %s", strings.TrimPrefix(err.Error(), "pq: "))
		}
		defer rows.Close()
		if columns, _ := rows.Columns(); len(columns) != 2 {
			return badInput("SELECT name, url FROM …", "--targets-query gives %d column(s), and a target has two: its name and its address", len(columns))
		}
		for n := 1; rows.Next(); n++ {
			var name, address sql.NullString
			if err := rows.Scan(&name, &address); err != nil {
				return err
			}
			l.add(fmt.Sprintf("row %d of --targets-query", n), 0, name.String, address.String)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, err
	}
	return l.result("--targets-query gives no row")
}

// Databases are those of the server that fit the pattern, in order of their
// names. Those that take no connection, and templates, are not among them.
func Databases(ctx context.Context, conn pq.Config, pattern string) (targets []Target, err error) {
	err = ask(ctx, conn, func(tx *sql.Tx) error {
		// It is all that rung asks here, and must mean PostgreSQL's own names.
		if _, err := tx.ExecContext(ctx, "SET LOCAL search_path = pg_catalog, pg_temp"); err != nil {
			return err
		}
		rows, err := tx.QueryContext(ctx, `SELECT datname FROM pg_catalog.pg_database WHERE datallowconn AND NOT datistemplate ORDER BY datname`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			t := Target{Conn: conn}
			if err := rows.Scan(&t.Name); err != nil {
				return err
			}
			if t.Conn.Database = t.Name; Match(pattern, t.Name) {
				targets = append(targets, t)
			}
		}
		return rows.Err()
	})
	if err == nil && len(targets) == 0 {
		err = badInput("* stands for any characters, ? for one; quote the pattern from the shell", "--each-database %s: no database of this server has such a name", pattern)
	}
	return targets, err
}

// ask opens a connection for one transaction that only reads.
func ask(ctx context.Context, conn pq.Config, f func(*sql.Tx) error) error {
	if conn.ApplicationName == "" {
		conn.ApplicationName = "rung"
	}
	connector, err := pq.NewConnectorConfig(conn)
	if err != nil {
		return err
	}
	db := sql.OpenDB(connector)
	defer db.Close()
	tx, err := db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	switch {
	case err != nil && ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil:
		return &runner.UnreachableError{Err: fmt.Errorf("find the targets: connect: %w", err)}
	}
	defer tx.Rollback() //nolint:errcheck // it has only read
	return f(tx)
}
