package runner

import (
	"context"
	"database/sql"

	"rung/runner/internal/store"
)

// SchemaState is a schema of the database, and what the history has of it.
type SchemaState struct {
	Name string
	// At is the newest version in place, "" for none.
	At Version
	// InPlace is how many versions are.
	InPlace int
	// Digest stands for all that the history has of it: schemas with the same have
	// the same pending.
	Digest string
}

// Schemas lists the schemas that are no one's own: not PostgreSQL's and not the
// history's. It takes two messages, however many there are.
func (r *Runner) Schemas(ctx context.Context) (all []SchemaState, err error) {
	err = r.read(ctx, func(ctx context.Context, w *worker) error {
		states := "scopes_none"
		if w.history.Rec.Exists && w.history.Rec.Format >= store.FormatOfScopes {
			states = "scopes"
		}
		digests := map[string]string{}
		err := w.history.Explained(w.session.Conn.Query(ctx, w.history.SQL("schemas", store.Values{"states": store.Fragment(w.history.SQL(states, nil))}), func(rows *sql.Rows) error {
			var s SchemaState
			err := rows.Scan(&s.Name, &s.At, &s.InPlace, &s.Digest)
			all, digests[s.Name] = append(all, s), s.Digest
			return err
		}))
		w.cfg.Sessions.known().note(digests)
		return err
	})
	return all, err
}

// Prepare makes the history tables, or brings them to this rung's form: once, ahead
// of runs on many scopes at a time, each of which has a lock of its own.
func (r *Runner) Prepare(ctx context.Context) error {
	_, err := r.work(ctx, job{
		plan: func(_ context.Context, w *worker) (bool, error) { return w.history.Rec.Format != store.FormatNow, nil },
		do:   func(context.Context, *worker) error { return nil },
	})
	return err
}
