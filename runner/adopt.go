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
			all, err := w.recording().readOther(ctx, req)
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
					return false, &plan.RefusalError{Reason: fmt.Sprintf("there is no version %s in %s", a.Version, w.cfg.Dir.Label), Hint: "`rung status` lists them"}
				case !a.Pending && row == nil:
					from, bad = append(from, a), append(bad, w.cfg.Dir.Find(a.Version).Unrecordable()...)
				}
			}
			if len(bad) > 0 {
				return false, &files.BadFilesError{Problems: bad}
			}
			if req.DryRun {
				w.recording().accept(from)
			}
			return len(from) > 0 && !req.DryRun, nil
		},
		texts: func(w *worker) (adopted []*files.Migration) {
			for _, a := range from {
				if w.history.Rec.Find(a.Version) == nil {
					adopted = append(adopted, w.cfg.Dir.Find(a.Version))
				}
			}
			return adopted
		},
		do: func(ctx context.Context, w *worker) error { return w.recording().adopt(ctx, from) },
	})
}

// readOther calls the reader in its transaction.
func (r recording) readOther(ctx context.Context, req AdoptRequest) ([]Adoption, error) {
	err := r.session.Conn.Exec(ctx, r.history.Begin("ISOLATION LEVEL READ COMMITTED READ ONLY")+r.session.Limits.Local(&files.Script{})+"SET LOCAL row_security = off")
	if err != nil {
		return nil, pgconn.LostIs(r.session.Rollback(context.WithoutCancel(ctx), err))
	}
	ask := func(ctx context.Context, q string, scan func(*sql.Rows) error) error {
		if scan == nil {
			return pgconn.LostIs(r.session.Conn.Exec(ctx, q))
		}
		return pgconn.LostIs(r.session.Conn.Query(ctx, q, scan))
	}
	all, err := req.Read(ctx, ask, r.dir, slices.Clone(r.history.Rec.Rows))
	return all, r.session.Rollback(context.WithoutCancel(ctx), err)
}

func (r recording) adopt(ctx context.Context, from []Adoption) error {
	m := &pgconn.Message{}
	m.Say(r.history.Begin(""))
	for _, a := range from {
		if row := r.history.Rec.Find(a.Version); row != nil {
			m.Say(r.adoptAgain(a, row))
			continue
		}
		v, err := r.sayRecorded(m, r.dir.Find(a.Version), "adopt", r.adoptNote(a))
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
		m.Say(r.history.SQL("adopted", v))
	}
	r.accept(from)
	return r.write(ctx, m)
}

// adoptAgain removes the history of a version that was adopted, or the origin of
// one that is in place although the other tool has reverted it.
func (r recording) adoptAgain(a Adoption, row *plan.AppliedRow) string {
	v := store.Values{
		"action": "adopt", "version": a.Version, "name": row.Name, "checksum": row.UpChecksum, "run": r.history.Run, "rung_version": r.history.RungVersion,
		"adopted_from": nil, "ran_at": nil,
	}
	r.history.AddOrigin(v)
	v["note"] = r.adoptNote(a)
	if a.Pending {
		return r.history.SQL("unadopted", v) + r.history.SQL("log", v)
	}
	return r.history.SQL("adopted", v) + r.history.SQL("log", v)
}

func (r recording) adoptNote(a Adoption) any {
	if r.note == "" {
		return r.history.Start.Storable(a.Note)
	}
	return r.history.Start.Storable(a.Note + ": " + r.note)
}

func (r recording) accept(from []Adoption) {
	r.report.Accepted = nil
	for _, a := range from {
		what, name := "adopt", ""
		if m := r.dir.Find(a.Version); m != nil {
			name = m.Name
		}
		if row := r.history.Rec.Find(a.Version); a.Pending {
			what, name = "pending-again", row.Name
		}
		r.report.Accepted = append(r.report.Accepted, plan.Accepted{Version: a.Version, Title: r.dir.Title(a.Version, name), Name: name, What: []string{what}})
	}
}
