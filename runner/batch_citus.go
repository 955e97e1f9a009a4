package runner

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
func (w *worker) probingOnCluster(ctx context.Context, k *keyWalk) (begin store.Fragment, err error) {
	begin = "BEGIN READ ONLY;\n"
	if !w.session.Cluster.On {
		return begin, nil
	}
	for _, m := range append([]string{string(begin)}, citus.Propagated("enable_seqscan = off", "enable_bitmapscan = off", "enable_sort = off")...) {
		if err := w.session.Conn.Exec(ctx, m); err != nil {
			return "", exec.InRecord(k.run, err)
		}
	}
	return "", nil
}

// clusterPages puts the pages of all shards in the place of those of the coordinator's
// empty table.
func (w *worker) clusterPages(ctx context.Context, k *keyWalk) error {
	if !w.session.Cluster.On {
		return nil
	}
	q := "BEGIN READ ONLY;\n" + w.book.SetRole() + k.limits + citus.PagesSQL(k.qualified) + "ROLLBACK"
	return w.ask(ctx, &keyWalk{run: k.run}, q, func(rows *sql.Rows) error { return rows.Scan(&k.pages) })
}
