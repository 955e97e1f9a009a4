// Package catalog asks a database about its schema: tables, types, and whatever else
// the .sql files beside it are about.
package catalog

import (
	"context"
	"database/sql"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"
)

// Catalog asks a database about its schema. It reads; where it needs definitions
// it asks in a transaction that is rolled back.
type Catalog struct {
	// Conn is the Catalog's alone while it looks, and outside of a transaction.
	Conn *sql.Conn
	// Throwaway is true for a server to which the directory was applied: its
	// sizes and grants are not those of a database in use.
	Throwaway bool
	session
}

// NoName is true for what to_regclass and to_regtype say of a text that is not
// even the name of something, like one with a blank and no quotes.
func NoName(err error) bool {
	e := pq.As(err)
	return e != nil && (e.Code == pqerror.InvalidName || e.Code == pqerror.SyntaxError)
}

// List runs a query and reads its rows.
func List[T any](ctx context.Context, c *Catalog, scan func(*sql.Rows) (T, error), query string, args ...any) ([]T, error) {
	rows, err := c.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

func ScanString(rows *sql.Rows) (s string, err error) {
	err = rows.Scan(&s)
	return s, err
}

// Strings are the rows of a query of one column.
func (c *Catalog) Strings(ctx context.Context, query string, args ...any) ([]string, error) {
	rows, err := c.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var one string
		if err := rows.Scan(&one); err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}
