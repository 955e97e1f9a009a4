package runner

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"rung/runner/internal/pgconn"
	"rung/runner/internal/store"
)

// LogEntry is one row of the history's log.
type LogEntry struct {
	ID          int64
	At          time.Time
	Actor       string
	Action      string
	Version     Version
	Title       string // as the file's name has it, where there is one
	Name        string
	Checksum    string
	Duration    time.Duration
	Run         string
	RungVersion string
	Note        string

	Origin
	// Role is what it was done as: that of --role, or the user.
	Role string
	// Failure is what stopped the attempt, or nil for what was done.
	Failure *Failure
}

// Failure is where and why an attempt failed.
type Failure struct {
	File     string `json:"file"`
	Line     int    `json:"line"` // 0 where it was no statement of the file
	Col      int    `json:"col"`
	Step     int    `json:"step"`
	SQLState string `json:"sqlstate"` // "" where the error was not the server's
	Message  string `json:"message"`
}

// String is the failure on one line.
func (f Failure) String() string {
	s := f.File
	if f.Line > 0 {
		s += fmt.Sprintf(":%d:%d", f.Line, f.Col)
	}
	s += ": " + f.Message
	if f.SQLState != "" {
		s += " (" + f.SQLState + ")"
	}
	return s
}

// History reads the log, the oldest entry first; limit 0 means all of it,
// otherwise the newest that many.
func (r *Runner) History(ctx context.Context, limit int) (log []LogEntry, err error) {
	err = r.read(ctx, func(ctx context.Context, w *worker) error {
		if !w.history.Rec.Exists {
			return nil
		}
		var most any
		if limit > 0 {
			most = limit
		}
		by := "history"
		if w.history.Rec.Format < store.FormatOfScopes {
			by = "history_old"
		}
		return w.history.Explained(w.session.Conn.Query(ctx, w.history.SQL(by, store.Values{"limit": most}), func(rows *sql.Rows) error {
			var e LogEntry
			err := e.scan(rows)
			log = append(log, e)
			return err
		}))
	})
	return log, err
}

func (e *LogEntry) scan(rows *sql.Rows) error {
	var micros int64
	var failed bool
	var f Failure
	err := rows.Scan(&e.ID, &e.At, &e.Actor, &e.Action, &e.Version, &e.Name, &e.Checksum, &micros, &e.Run, &e.RungVersion, &e.Note,
		&e.Role, &e.OSUser, &e.Host, &e.Job, &failed, &f.File, &f.Line, &f.Col, &f.Step, &f.SQLState, &f.Message)
	e.Duration = time.Duration(micros) * time.Microsecond
	if failed {
		e.Failure = &f
	}
	return err
}

// lastFailure is the newest attempt that failed, unless its version went through
// since: nil for none.
func (w *worker) lastFailure(ctx context.Context) (last *LogEntry, err error) {
	if w.history.Rec.Format < store.FormatOfScopes {
		return nil, nil
	}
	err = w.session.Conn.Query(ctx, w.history.SQL("last_failure", nil), func(rows *sql.Rows) error {
		last = &LogEntry{}
		return last.scan(rows)
	})
	if pq.As(err, pqerror.InsufficientPrivilege) != nil { // it is said beside what was asked for
		return nil, pgconn.LostIs(w.session.Conn.Exec(ctx, "ROLLBACK"))
	}
	if last != nil {
		last.Title = w.cfg.Dir.Title(last.Version, last.Name)
	}
	return last, w.history.Explained(err)
}
