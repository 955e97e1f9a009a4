package runner

import (
	"context"
	"database/sql"
	"time"
)

// LogEntry is one row of the record's log.
type LogEntry struct {
	ID          int64
	At          time.Time
	Actor       string
	Action      string
	Version     Version
	Name        string
	Checksum    string
	Duration    time.Duration
	Run         string
	RungVersion string
	Note        string
}

// History reads the log, the oldest entry first; limit 0 means all of it,
// otherwise the newest that many.
func (r *Runner) History(ctx context.Context, limit int) (log []LogEntry, err error) {
	err = r.read(ctx, func(ctx context.Context, w *worker) error {
		if !w.rec.Exists {
			return nil
		}
		var most any
		if limit > 0 {
			most = limit
		}
		return lostIs(w.s.query(ctx, w.book.sql("history", values{"limit": most}), func(rows *sql.Rows) error {
			var e LogEntry
			var micros int64
			err := rows.Scan(&e.ID, &e.At, &e.Actor, &e.Action, &e.Version, &e.Name, &e.Checksum, &micros, &e.Run, &e.RungVersion, &e.Note)
			e.Duration = time.Duration(micros) * time.Microsecond
			log = append(log, e)
			return err
		}))
	})
	return log, err
}
