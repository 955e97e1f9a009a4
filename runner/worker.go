package runner

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"rung/internal/pgtext"
	"rung/runner/internal/plan"
)

// worker does the work of one run over one session.
type worker struct {
	*Runner
	s         *session
	rec       *Record
	attendant *attendant
	report    *Report
	planHash  *string
	byHand    bool          // a script is written, which nobody knows who will run
	at        *plan.StepRun // what runs, or failed; nil before anything does
	// together is true while all files are one transaction.
	together bool
	// left says what a failed statement left behind.
	left string
	// batchNote says how far a batched step got that did not end.
	batchNote string
	// ended are the backfills of the migration in hand that ended in this run.
	ended []Progress
}

// ensureRecord makes the record's tables or brings them to this rung's form.
// It runs under the lock: CREATE … IF NOT EXISTS would race on the catalogs.
func (w *worker) ensureRecord(ctx context.Context) error {
	if w.rec.Format == formatNow {
		return nil
	}
	var exists bool
	q := trustedPath + "SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = " + pgtext.Literal(w.book.schema) + ")"
	if err := w.s.query(ctx, q, func(rows *sql.Rows) error { return rows.Scan(&exists) }); err != nil {
		return lostIs(err)
	}
	q = w.book.begin("") + w.limits(&Script{}) + w.book.create(exists, w.rec.Format) + "COMMIT;\nSELECT pg_catalog.pg_backend_pid()"
	err := w.s.query(ctx, q, func(rows *sql.Rows) error { return rows.Scan(&w.s.pid) })
	if err != nil {
		_ = w.s.exec(ctx, "ROLLBACK")
		// An earlier runner's last message may have made it meanwhile.
		if rec, e := w.s.readRecord(ctx, w.book, whole); e == nil && rec.Format == formatNow {
			w.rec = rec
			return nil
		}
		err = fmt.Errorf("create the history tables in schema %s: %w", pgtext.Ident(w.book.schema), err)
		if pq.As(err, pqerror.InsufficientPrivilege) != nil {
			return &Hinted{Err: err, Hint: w.rightsFor(exists)}
		}
		if hint := recordHint(err); hint != "" {
			return &Hinted{Err: err, Hint: hint}
		}
		if pq.As(err, pqerror.DuplicateTable, pqerror.DuplicateFunction) != nil {
			return &Hinted{Err: err, Hint: "the tables there are not rung's: name another --history-schema"}
		}
		return lostIs(err)
	}
	w.emit(HistoryCreated{Schema: w.book.schema, From: w.rec.Format, To: formatNow})
	w.rec.Exists, w.rec.Format = true, formatNow
	return nil
}

// rightsFor says what the record's tables need that the role has not.
func (w *worker) rightsFor(schemaExists bool) string {
	schema, actor := pgtext.Ident(w.book.schema), pgtext.Ident(w.actor())
	switch {
	case w.rec.Format > 0:
		return "work as the role that owns the history tables: connect as it, or use --role"
	case schemaExists:
		return fmt.Sprintf("ask the schema's owner to run GRANT USAGE, CREATE ON SCHEMA %s TO %s", schema, actor)
	}
	return fmt.Sprintf("ask the database's owner to run CREATE SCHEMA %s AUTHORIZATION %s", schema, actor)
}

// create is the SQL that makes the schema, unless it is there, and the tables.
func (b book) create(schemaExists bool, from int) string {
	if schemaExists {
		return b.upgrade(from)
	}
	return "CREATE SCHEMA " + pgtext.Ident(b.schema) + ";\n" + b.upgrade(from)
}

func (w *worker) actor() string {
	if w.cfg.Role != "" {
		return w.cfg.Role
	}
	return w.cfg.Conn.User
}

// apply runs one action from the step that it is at.
func (w *worker) apply(ctx context.Context, a Action, made *attempt) error {
	if ctx.Err() != nil && made.err == nil {
		return w.stopped(ctx, a.At(a.FirstStep))
	}
	w.at = new(a.At(a.FirstStep))
	start := cmp.Or(made.began, time.Now())
	if err := w.followFile(ctx, &a); err != nil {
		return err
	}
	s := a.Script
	if made.began.IsZero() {
		w.announce(a)
	}
	if a.FirstStep >= len(s.Steps) {
		if err := w.endFixed(ctx, a); err != nil {
			return err
		}
	}
	for n := a.FirstStep; n < len(s.Steps); n++ {
		began := time.Now()
		w.left, w.at = "", new(a.At(n))
		if err := w.step(ctx, a.At(n), made); err != nil {
			w.leave(ctx, n)
			return err
		}
		if s.Mode() == Stepwise {
			w.emit(StepDone{Version: a.Version, File: s.Path, Line: s.Pos(s.Steps[n].First).Line, Step: n + 1, Steps: len(s.Steps), Duration: time.Since(began)})
		}
	}
	took := time.Since(start)
	if made.settled && made.began.IsZero() {
		took = 0 // it ran unheard
	}
	w.done(a, took)
	return nil
}

// endFixed records a file whose last steps, which had not run, were taken out.
func (w *worker) endFixed(ctx context.Context, a Action) error {
	entries, err := w.fixedEntries(a)
	if err != nil {
		return err
	}
	return w.entriesAlone(ctx, a, entries, w.title(a)+" is not recorded as done yet")
}

// entriesAlone writes to the record what goes along with no step. Where says
// what is in place without it.
func (w *worker) entriesAlone(ctx context.Context, a Action, entries, where string) error {
	err := w.s.exec(ctx, w.book.begin("ISOLATION LEVEL READ COMMITTED")+w.limits(a.Script)+entries+"COMMIT")
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return &Stopped{Where: where, Cause: context.Cause(ctx)}
	case w.book.isOvertaken(err):
		err = &overtakenError{err}
	case isLost(err):
		return lostIs(err)
	}
	return w.rollback(ctx, err)
}

func (w *worker) fixedEntries(a Action) (string, error) {
	n := len(a.Script.Steps)
	v := w.values(a.At(n - 1))
	end, err := w.finish(a, v)
	v["step"] = n + 1
	return w.book.sql("step_fence", v) + w.book.sql("steps_gone", v) + end, err
}

func (w *worker) announce(a Action) {
	w.attendant.begins()
	w.emit(Started{
		Direction: a.Direction, Version: a.Version, Title: w.title(a), Name: a.Name, File: a.Script.Path, Mode: a.Script.Mode(),
		Step: a.FirstStep + 1, Steps: len(a.Script.Steps), Resumed: a.Resumed,
	})
}

func (w *worker) done(a Action, d time.Duration) {
	done := Done{Direction: a.Direction, Version: a.Version, Title: w.title(a), Name: a.Name, File: a.Script.Path, Duration: d, Steps: len(a.Script.Steps), Backfills: w.ended}
	w.ended = nil
	w.report.Done = append(w.report.Done, done)
	w.emit(Finished{done})
}

// step runs one step of an action, and again where it gave way to a lock. An
// attempt that was made already counts as the first, and one that a dead
// runner's session was in the way of does not count while LockWait lasts.
func (w *worker) step(ctx context.Context, run plan.StepRun, made *attempt) error {
	w.batchNote = ""
	do := w.transaction
	switch s := run.Step(); {
	case s.Batch != nil:
		do = w.batched
	case !s.Transactional():
		do = w.outside
	}
	start := time.Now()
	for b, attempt := newBackoff(200*time.Millisecond, 10*time.Second), 1; ; {
		err := made.take()
		inGroup := err != nil
		if !inGroup {
			if !w.attendant.held() {
				return w.lockLost(run)
			}
			if err = do(ctx, run); err == nil {
				return nil
			}
		}
		f := w.failed(ctx, run, err)
		if f.settled {
			made.settled = inGroup
			return nil
		}
		switch {
		case f.gaveWay && w.attendant.forDead(f.statement.Part, f.statement.Blockers) && time.Since(start) < w.cfg.LockWait:
			// It is the lock of an earlier runner that this one waits for, and nobody
			// stands in line behind it.
		case !f.gaveWay || attempt > w.cfg.LockRetries:
			return f.err(attempt)
		default:
			w.emit(Retrying{File: f.statement.File, Line: f.statement.Line, Part: f.statement.Part, Err: err, Attempt: attempt, Of: w.cfg.LockRetries, Blockers: f.statement.Blockers})
			attempt++
		}
		if b.sleep(ctx) != nil {
			return w.stopped(ctx, run)
		}
	}
}
