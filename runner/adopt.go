package runner

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"rung/runner/internal/files"
	"rung/runner/internal/pgconn"
	"rung/runner/internal/plan"
	"rung/runner/internal/store"
)

// Adoption is a version that another tool's history says was applied.
type Adoption struct {
	Version Version
	// From is the tool; "" where not its history says so, but the user.
	From string
	// At is when it ran there; zero where its history does not say.
	At time.Time
	// Note is kept in the log: where it was read, and a checksum of the tool's.
	Note string
	// Pending removes such a version from the history: the tool has reverted it since.
	Pending bool
}

// Asker asks the database one thing, in a transaction that may write nothing and
// that ends when the reading does: a lock taken in it lasts as long. Scan may be nil. Names mean
// PostgreSQL's own there, and row security refuses what it would hide.
type Asker func(ctx context.Context, q string, scan func(*sql.Rows) error) error

// AdoptRequest says what Adopt is to do.
type AdoptRequest struct {
	// Read reads another tool's history and decides which files it says were applied.
	// It is called without a lock at first and again under the migration lock. The
	// rows are what rung's own history has.
	Read func(ctx context.Context, ask Asker, d *Directory, rows []AppliedRow) ([]Adoption, error)
	// DryRun decides, and writes nothing.
	DryRun bool
}

// Adopt records as applied, without running it, what another tool's history says
// was applied. Versions that are recorded before stay as they are.
func (r *Runner) Adopt(ctx context.Context, req AdoptRequest) (*Report, error) {
	var from []Adoption
	return r.work(ctx, job{
		fixes: !req.DryRun,
		plan: func(ctx context.Context, w *worker) (bool, error) {
			all, err := w.readOther(ctx, req)
			if err != nil {
				return false, err
			}
			var bad []files.Problem
			from = nil
			for _, a := range all {
				switch row := w.history.Rec.Find(a.Version); {
				case (a.Pending || a.From == "") && row != nil && row.AdoptedFrom != nil && row.State == plan.Applied:
					from = append(from, a)
				case !a.Pending && row == nil && w.cfg.Dir.Find(a.Version) == nil:
					return false, &plan.RefusalError{Reason: fmt.Sprintf("there is no version %s in %s", a.Version, w.cfg.Dir.Label)}
				case !a.Pending && row == nil:
					from, bad = append(from, a), append(bad, w.cfg.Dir.Find(a.Version).Unrecordable()...)
				}
			}
			if len(bad) > 0 {
				return false, &files.BadFilesError{Problems: bad}
			}
			if req.DryRun {
				w.accept(from)
			}
			return len(from) > 0 && !req.DryRun, nil
		},
		do: func(ctx context.Context, w *worker) error { return w.adopt(ctx, from) },
	})
}

// readOther calls the reader in its transaction.
func (w *worker) readOther(ctx context.Context, req AdoptRequest) ([]Adoption, error) {
	err := w.session.Conn.Exec(ctx, w.book.Begin("ISOLATION LEVEL READ COMMITTED READ ONLY")+w.session.Limits.Local(&files.Script{})+"SET LOCAL row_security = off")
	if err != nil {
		return nil, pgconn.LostIs(w.session.Rollback(context.WithoutCancel(ctx), err))
	}
	ask := func(ctx context.Context, q string, scan func(*sql.Rows) error) error {
		if scan == nil {
			return pgconn.LostIs(w.session.Conn.Exec(ctx, q))
		}
		return pgconn.LostIs(w.session.Conn.Query(ctx, q, scan))
	}
	all, err := req.Read(ctx, ask, w.cfg.Dir, slices.Clone(w.history.Rec.Rows))
	return all, w.session.Rollback(context.WithoutCancel(ctx), err)
}

func (w *worker) adopt(ctx context.Context, from []Adoption) error {
	m := &pgconn.Message{}
	m.Say(w.book.Begin(""))
	for _, a := range from {
		if row := w.history.Rec.Find(a.Version); row != nil {
			m.Say(w.adoptAgain(a, row))
			continue
		}
		v, err := w.sayRecorded(m, w.cfg.Dir.Find(a.Version), "adopt", w.adoptNote(a))
		if err != nil {
			return err
		}
		v["adopted_from"], v["ran_at"] = nil, nil
		if a.From != "" {
			v["adopted_from"] = a.From
		}
		if !a.At.IsZero() {
			v["ran_at"] = a.At.UTC().Format("2006-01-02 15:04:05.999999Z07:00")
		}
		m.Say(w.book.SQL("adopted", v))
	}
	w.accept(from)
	return w.write(ctx, m)
}

// adoptAgain removes the history of a version that was adopted, or the origin of
// one that is in place although the other tool has reverted it.
func (w *worker) adoptAgain(a Adoption, row *plan.AppliedRow) string {
	v := store.Values{
		"action": "adopt", "version": a.Version, "name": row.Name, "checksum": row.UpChecksum, "run": w.history.Run, "rung_version": w.history.RungVersion,
		"adopted_from": nil, "ran_at": nil,
	}
	w.history.AddOrigin(v)
	v["note"] = w.adoptNote(a)
	if a.Pending {
		return w.book.SQL("unadopted", v) + w.book.SQL("log", v)
	}
	return w.book.SQL("adopted", v) + w.book.SQL("log", v)
}

func (w *worker) adoptNote(a Adoption) any {
	if w.cfg.Note == "" {
		return w.book.Start.Storable(a.Note)
	}
	return w.book.Start.Storable(a.Note + ": " + w.cfg.Note)
}

func (w *worker) accept(from []Adoption) {
	w.report.Accepted = nil
	for _, a := range from {
		what, name := "adopt", ""
		if m := w.cfg.Dir.Find(a.Version); m != nil {
			name = m.Name
		}
		if row := w.history.Rec.Find(a.Version); a.Pending {
			what, name = "pending-again", row.Name
		}
		w.report.Accepted = append(w.report.Accepted, plan.Accepted{Version: a.Version, Title: w.cfg.Dir.Title(a.Version, name), Name: name, What: []string{what}})
	}
}
