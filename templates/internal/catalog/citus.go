package catalog

import (
	"context"

	"rung/internal/citus"
)

// OnCitus reports whether the database is one of a Citus cluster.
func (c *Catalog) OnCitus(ctx context.Context) (here bool, err error) {
	err = c.QueryRow(ctx, "SELECT "+citus.Here).Scan(&here)
	return here, err
}

// onAllNodes puts the size that a table of the cluster's has on all nodes in the place of
// that of the coordinator's empty one.
func (c *Catalog) onAllNodes(ctx context.Context, t *Table) error {
	here, err := c.OnCitus(ctx)
	if err != nil || !here {
		return err
	}
	var name string
	if err := c.QueryRow(ctx, citus.DistributedSQL, t.OID, nil).Scan(&name); err != nil || name == "" {
		return err
	}
	return c.QueryRow(ctx, citus.SizeSQL, t.OID).Scan(&t.Rows, &t.Bytes)
}
