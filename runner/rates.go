package runner

import (
	"context"
	"database/sql"
	"time"

	"rung/runner/internal/store"
)

// BackfillRate is how fast a backfill went, from its batch log.
type BackfillRate struct {
	Version   Version
	Direction Direction
	Step      int
	// Parts are at most a hundred, one after the other, of about as many batches each.
	Parts []BackfillPart
}

// BackfillPart is a part of a backfill.
type BackfillPart struct {
	// Began is when its first batch began, and Ended when its last one was committed.
	Began, Ended time.Time
	// Keys were walked over, and Rows were changed.
	Keys, Rows int64
	Batches    int
}

// BackfillRates reads the batch log of each backfill whose version is applied, wholly
// or in part, in order of version. It takes no lock and writes nothing.
func (r *Runner) BackfillRates(ctx context.Context) (all []BackfillRate, err error) {
	err = r.read(ctx, func(ctx context.Context, w *worker) error {
		if !w.history.Rec.Exists {
			return nil
		}
		q := w.history.SQL("rates", w.history.Scoped(w.history.Rec, store.Values{}))
		return w.history.Explained(w.session.Conn.Query(ctx, q, func(rows *sql.Rows) error {
			var b BackfillRate
			var p BackfillPart
			if err := rows.Scan(&b.Version, &b.Direction, &b.Step, &p.Began, &p.Ended, &p.Keys, &p.Rows, &p.Batches); err != nil {
				return err
			}
			if n := len(all); n == 0 || all[n-1].Version != b.Version || all[n-1].Direction != b.Direction || all[n-1].Step != b.Step {
				all = append(all, b)
			}
			last := &all[len(all)-1]
			last.Parts = append(last.Parts, p)
			return nil
		}))
	})
	return all, err
}
