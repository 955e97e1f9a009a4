package citus

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"

	"github.com/lib/pq"
)

// TablesSQL asks for the cluster's tables among the one with the oid $1 and those with a
// column of the type $2, each of which may be NULL: a Table each.
//
//go:embed sql/distributed.sql
var TablesSQL string

// Table is one that Citus keeps.
type Table struct {
	Name string
	Kind Spread
	// Column is what its rows are distributed by; "" for one that has no such column.
	Column string
	// Colocation is the same number for tables whose rows stand on one node for one value.
	Colocation int
}

// Scan reads one from a row of TablesSQL.
func (t *Table) Scan(rows *sql.Rows) error {
	return rows.Scan(&t.Name, &t.Kind, &t.Column, &t.Colocation)
}

// Spread is where a table's rows are.
type Spread string

// The spreads: over the nodes, or on one of them; on each; on the coordinator.
const (
	Sharded    Spread = "distributed"
	Everywhere Spread = "reference"
	Kept       Spread = "local"
)

// SizeSQL asks for the rows and bytes that the table of the cluster's with the oid $1 has
// on all nodes; -1 rows where a shard was never analyzed. The coordinator's own numbers
// are of an empty table.
//
//go:embed sql/size.sql
var SizeSQL string

// Size is that of a table on all nodes.
type Size struct{ Rows, Bytes int64 }

// Sizes are those of the cluster's tables among the oids given, by oid; none without
// Citus.
func Sizes(ctx context.Context, conn *sql.Conn, oids []int64) (map[int64]Size, error) {
	var here bool
	if err := conn.QueryRowContext(ctx, "SELECT "+Here).Scan(&here); err != nil || !here {
		return nil, err
	}
	rows, err := conn.QueryContext(ctx, "SELECT logicalrelid::pg_catalog.oid::pg_catalog.int8 FROM pg_catalog.pg_dist_partition WHERE logicalrelid::pg_catalog.oid::pg_catalog.int8 OPERATOR(pg_catalog.=) ANY ($1)", pq.Array(oids))
	if err != nil {
		return nil, err
	}
	sizes := map[int64]Size{}
	for rows.Next() {
		var oid int64
		if err := rows.Scan(&oid); err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		sizes[oid] = Size{}
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, err
	}
	for oid := range sizes {
		var s Size
		if err := conn.QueryRowContext(ctx, SizeSQL, oid).Scan(&s.Rows, &s.Bytes); err != nil {
			return nil, err
		}
		sizes[oid] = s
	}
	return sizes, nil
}
