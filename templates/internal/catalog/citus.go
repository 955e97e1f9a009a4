package catalog

import (
	"context"
	"database/sql"

	"rung/internal/citus"
)

// OnCitus reports whether the database is one of a Citus cluster.
func (c *Catalog) OnCitus(ctx context.Context) (here bool, err error) {
	err = c.QueryRow(ctx, "SELECT "+citus.Here).Scan(&here)
	return here, err
}

// CitusTables are the cluster's tables among the one with an oid and those with a column
// of a type; each may be NULL. None without Citus.
func (c *Catalog) CitusTables(ctx context.Context, table, typ sql.NullInt64) ([]citus.Table, error) {
	here, err := c.OnCitus(ctx)
	if err != nil || !here {
		return nil, err
	}
	return List(ctx, c, func(rows *sql.Rows) (t citus.Table, err error) {
		err = t.Scan(rows)
		return t, err
	}, citus.TablesSQL, table, typ)
}

// onAllNodes puts the size that a table of the cluster's has on all nodes in the place of
// that of the coordinator's empty one.
func (c *Catalog) onAllNodes(ctx context.Context, t *Table) error {
	of, err := c.CitusTables(ctx, sql.NullInt64{Int64: int64(t.OID), Valid: true}, sql.NullInt64{})
	if err != nil || len(of) == 0 {
		return err
	}
	return c.QueryRow(ctx, citus.SizeSQL, t.OID).Scan(&t.Rows, &t.Bytes)
}
