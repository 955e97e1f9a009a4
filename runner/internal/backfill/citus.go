package backfill

import (
	"context"
	"database/sql"

	"rung/internal/citus"
	"rung/runner/internal/exec"
	"rung/runner/internal/store"
)

// probingOnCluster opens the transaction in which the planner is asked for a key's index,
// so that the planners of the shards are asked the same. It returns what opens it
// without Citus.
func (k *Walk) probingOnCluster(ctx context.Context, x *exec.Session) (begin store.Fragment, err error) {
	begin = "BEGIN READ ONLY;\n"
	if !x.Cluster.On {
		return begin, nil
	}
	for _, m := range append([]string{string(begin)}, citus.Propagated("enable_seqscan = off", "enable_bitmapscan = off", "enable_sort = off")...) {
		if err := x.Conn.Exec(ctx, m); err != nil {
			return "", exec.InRecord(k.Run, err)
		}
	}
	return "", nil
}

// clusterPages puts the pages of all shards in the place of those of the coordinator's
// empty table.
func (k *Walk) clusterPages(ctx context.Context, x *exec.Session) error {
	if !x.Cluster.On {
		return nil
	}
	q := "BEGIN READ ONLY;\n" + x.History.SetRole() + k.limits + citus.PagesSQL(k.qualified) + "ROLLBACK"
	return (&Walk{Run: k.Run}).ask(ctx, x, q, func(rows *sql.Rows) error { return rows.Scan(&k.pages) })
}
