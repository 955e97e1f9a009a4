package runner

import (
	"context"
	"database/sql"

	"rung/runner/internal/store"
)

// estimate notes about how many rows the background backfills of a plan have. It asks
// for no more than PostgreSQL's own estimates, since a plan may be made at any time.
func (w *worker) estimate(ctx context.Context, p *Plan) error {
	for i := range p.Actions {
		a := &p.Actions[i]
		for n := a.FirstStep; a.Registers() && n < len(a.Script.Steps); n++ {
			b := a.Script.Steps[n].Batch
			if b == nil {
				continue
			}
			var rows int64
			err := w.askFirst(ctx, w.book.FilePath()+w.book.SQL("table_rows", store.Values{"table": b.Table}), func(r *sql.Rows) error { return r.Scan(&rows) })
			if err != nil {
				return err
			}
			a.Rows += rows
		}
	}
	return nil
}
