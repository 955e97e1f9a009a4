package runner

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"rung/internal/pgtext"
	"rung/runner/internal/files"
	"rung/runner/internal/pgconn"
	"rung/runner/internal/store"
)

// writingFailed is an error of bookkeeping that runs no file.
func writingFailed(err error) error {
	err = fmt.Errorf("write the history: %w", err)
	if hint := store.RecordHint(err); hint != "" {
		return &files.HintedError{Err: err, Hint: hint}
	}
	return err
}

// ensureRecord makes the history's tables or brings them to this rung's form.
// It runs under the lock: CREATE … IF NOT EXISTS would race on the catalogs.
func (w *worker) ensureRecord(ctx context.Context) error {
	if w.history.Rec.Format == store.FormatNow {
		return nil
	}
	var exists bool
	q := w.history.SQL("schema_there", nil)
	if err := w.session.Conn.Query(ctx, q, func(rows *sql.Rows) error { return rows.Scan(&exists) }); err != nil {
		return pgconn.LostIs(err)
	}
	q = w.history.Begin("") + w.session.Limits.Local(&files.Script{}) + w.session.Cluster.NotAsShards() + w.history.Create(exists, w.history.Rec.Format) + w.history.SQL("schema_made", nil)
	err := w.session.Conn.Query(ctx, q, func(rows *sql.Rows) error { return rows.Scan(&w.session.Conn.PID) })
	if err != nil {
		_ = w.session.Conn.Exec(ctx, "ROLLBACK")
		// An earlier runner's last message may have made it meanwhile.
		if rec, e := w.history.ReadRecord(ctx, w.session.Conn, store.Whole); e == nil && rec.Format == store.FormatNow {
			w.history.Rec = rec
			return nil
		}
		err = fmt.Errorf("create the history tables in schema %s: %w", pgtext.Ident(w.history.Schema), err)
		if pq.As(err, pqerror.InsufficientPrivilege) != nil {
			return &files.HintedError{Err: err, Hint: w.rightsFor(exists)}
		}
		if hint := store.RecordHint(err); hint != "" {
			return &files.HintedError{Err: err, Hint: hint}
		}
		if pq.As(err, pqerror.DuplicateTable, pqerror.DuplicateFunction) != nil {
			return &files.HintedError{Err: err, Hint: "the tables there are not rung's: name another --history-schema"}
		}
		return pgconn.LostIs(err)
	}
	w.emit(HistoryCreated{Schema: w.history.Schema, From: w.history.Rec.Format, To: store.FormatNow})
	w.history.Rec.Exists, w.history.Rec.Format = true, store.FormatNow
	return nil
}

// rightsFor says what the history's tables need that the role has not.
func (w *worker) rightsFor(schemaExists bool) string {
	schema, actor := pgtext.Ident(w.history.Schema), pgtext.Ident(w.actor())
	switch {
	case w.history.Rec.Format > 0:
		return "work as the role that owns the history tables: connect as it, or use --role"
	case schemaExists:
		return fmt.Sprintf("ask the schema's owner to run GRANT USAGE, CREATE ON SCHEMA %s TO %s", schema, actor)
	}
	return fmt.Sprintf("ask the database's owner to run GRANT CREATE ON DATABASE %s TO %s, or a superuser to run CREATE SCHEMA %s AUTHORIZATION %[2]s", pgtext.Ident(w.session.Conn.Database), actor, schema)
}
