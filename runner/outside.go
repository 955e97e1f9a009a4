package runner

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"
)

// outside runs a step that PostgreSQL refuses inside a transaction. It is
// checkpointed before and after, and on a second try what the first one left
// is dealt with.
func (w *worker) outside(ctx context.Context, a Action, n int) error {
	before, again, err := w.startStep(ctx, a, n)
	if err != nil {
		return err
	}
	done := false
	if again {
		if done, err = w.leftovers(ctx, a, n, before == "started"); err != nil {
			return err
		}
	}
	if !done {
		if err := w.alone(ctx, a, n, before); err != nil {
			return err
		}
		if err := w.mustBeValid(ctx, a, n); err != nil {
			return err
		}
	}
	return w.endStep(ctx, a, n)
}

// startStep writes the checkpoint that comes first, and leaves the file's SETs
// in force. Before is the state that an earlier try left ("" for none).
func (w *worker) startStep(ctx context.Context, a Action, n int) (before string, again bool, err error) {
	key := stepKey{a.Version, a.Direction, n + 1}
	earlier, again := w.rec.Steps[key]
	entry, _, err := w.started(a, n)
	if err != nil {
		return "", false, err
	}
	t := w.newSender(ctx, a, n)
	t.say("BEGIN;\n" + w.book.setRole() + w.limits(a.Script))
	if t.step.Batch == nil { // whose batches bring them each
		for _, i := range t.step.session {
			t.m.statement(a.Script, i)
		}
	}
	t.say(entry)
	t.mark(markCommit)
	t.say("COMMIT")
	if err := t.flush(); err != nil {
		return "", false, err
	}
	w.rec.Steps[key] = StepRow{Checksum: a.Script.Steps[n].Checksum, State: "started"}
	return earlier.State, again, nil
}

// started are the entries around a step outside of a transaction: before it
// the checkpoint, with the claim where it is the first one; after it the
// checkpoint's end, with the version's record where it is the last one.
func (w *worker) started(a Action, n int) (before, after string, err error) {
	_, again := w.rec.Steps[stepKey{a.Version, a.Direction, n + 1}]
	v := w.values(a, n)
	if n == 0 && !a.Resumed && !again {
		if before, err = w.claim(a, v); err != nil {
			return "", "", err
		}
	}
	v["table"] = nil
	if target, ok := concurrentIndex(w.statementWords(a, n)); ok {
		v["table"] = target.table
	}
	if again {
		before += w.book.sql("step_restarted", v)
	} else {
		before += w.book.sql("step_started", v)
	}
	after = w.checkpoint(a, n, "done", v)
	if n == len(a.Script.Steps)-1 {
		end, err := w.finish(a, v)
		return before, after + end, err
	}
	return before, after, nil
}

func (w *worker) statementWords(a Action, n int) words {
	return words(a.Script.file.Statements[a.Script.Steps[n].First].Words)
}

// alone sends the statement by itself, under the limits that its kind needs.
func (w *worker) alone(ctx context.Context, a Action, n int, before string) error {
	restore, err := w.sessionLimits(ctx, a, n)
	if err != nil {
		return err
	}
	defer restore()
	t := w.newSender(ctx, a, n)
	t.last = t.step.First
	t.m.statement(a.Script, t.step.First)
	err = t.flush()
	e := pq.As(err)
	switch {
	case e == nil || before == "":
		return err
	case before == "started" && string(e.Code) == doneBefore[t.step.Verb]:
		return nil // the try that was cut off had got through
	case t.step.Verb == "DETACH PARTITION CONCURRENTLY" && pq.As(err, pqerror.ObjectNotInPrerequisiteState) != nil:
		if e := w.rollback(ctx, nil); e != nil {
			return e
		}
		t.say(concurrently.ReplaceAllString(a.Script.file.Statements[t.step.First].Text, "FINALIZE"))
		return t.flush()
	}
	return err
}

// concurrently is the word that stands last in a DETACH PARTITION.
var concurrently = regexp.MustCompile(`(?i)\bCONCURRENTLY\b(?:[^a-zA-Z]*)$`)

// doneBefore is, by statement, the error which says that a try whose answer
// never came had been carried out.
var doneBefore = map[string]string{
	"DROP INDEX CONCURRENTLY":       string(pqerror.UndefinedObject),
	"DETACH PARTITION CONCURRENTLY": string(pqerror.UndefinedTable),
	"CREATE DATABASE":               string(pqerror.DuplicateDatabase),
	"DROP DATABASE":                 string(pqerror.InvalidCatalogName),
	"CREATE TABLESPACE":             string(pqerror.DuplicateObject),
	"DROP TABLESPACE":               string(pqerror.UndefinedObject),
	"CREATE SUBSCRIPTION":           string(pqerror.DuplicateObject),
	"DROP SUBSCRIPTION":             string(pqerror.UndefinedObject),
	"COMMIT PREPARED":               string(pqerror.UndefinedObject),
	"ROLLBACK PREPARED":             string(pqerror.UndefinedObject),
}

// sessionLimits sets the timeouts for a statement outside of a transaction,
// but only where the session has others: behind PgBouncer a SET may reach
// another server. The CONCURRENTLY forms have no lock timeout, since there it
// would only cancel the wait for old snapshots and leave an INVALID index.
func (w *worker) sessionLimits(ctx context.Context, a Action, n int) (restore func(), err error) {
	lock := w.lockTimeout(a.Script)
	if strings.Contains(a.Script.Steps[n].Verb, "CONCURRENTLY") && a.Script.LockTimeout == nil {
		lock = 0
	}
	var nowLock, nowStatement string
	err = w.s.query(ctx, w.book.sql("session_limits", nil), func(rows *sql.Rows) error {
		return rows.Scan(&w.s.pid, &nowLock, &nowStatement)
	})
	if err != nil {
		return nil, err
	}
	w.attendant.process(w.s.pid)
	set := ""
	differs := func(name, now string, want time.Duration) {
		if d, err := ParseDuration(now); err != nil || d != want {
			set += "SET " + name + " = " + quoteLiteral(pgMillis(want)) + ";\n"
		}
	}
	differs("lock_timeout", nowLock, lock)
	if want, ok := w.statementTimeout(a.Script); ok {
		differs("statement_timeout", nowStatement, want)
	}
	if w.cfg.Role != "" {
		set += "SET ROLE " + quoteIdent(w.cfg.Role) + ";\n"
	}
	if set != "" {
		err = w.s.exec(ctx, set)
	}
	return func() {
		if set != "" || len(a.Script.Steps[n].session) > 0 {
			limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), cancelGrace)
			defer cancel()
			_ = w.s.exec(limited, w.book.sql("reset", nil)) // a lost session has nothing to reset
		}
	}, err
}

// endStep writes the checkpoint that comes after, and with the last step the
// version's record.
func (w *worker) endStep(ctx context.Context, a Action, n int) error {
	_, after, err := w.started(a, n)
	if err != nil {
		return err
	}
	if a.Script.Steps[n].Batch != nil {
		after = w.book.sql("batch_begin", w.values(a, n)) + after
	}
	t := w.newSender(ctx, a, n)
	t.say("BEGIN;\n" + w.book.setRole() + after + "COMMIT")
	return t.flush()
}

// stepFailed notes that the server said no to a started step, so that its
// outcome is known. The INVALID index of a failed CREATE INDEX CONCURRENTLY
// goes at once: the file may be mended in such a way that the next run would
// not know it for this step's.
func (w *worker) stepFailed(ctx context.Context, a Action, n int) error {
	key := stepKey{a.Version, a.Direction, n + 1}
	if st, ok := w.rec.Steps[key]; !ok || st.State != "started" {
		return nil
	}
	if _, err := w.leftovers(ctx, a, n, false); err != nil && !w.s.alive() {
		return nil // stopped while it waited; the next run cleans up
	}
	v := w.values(a, n)
	err := w.s.exec(ctx, "BEGIN;\n"+w.book.setRole()+w.checkpoint(a, n, "failed", v)+"COMMIT")
	w.rec.Steps[key] = StepRow{Checksum: a.Script.Steps[n].Checksum, State: "failed"}
	return lostIs(err)
}

// leftovers deals with what an earlier try of CREATE INDEX CONCURRENTLY left:
// an INVALID index is dropped; a valid one means that the try got through, if
// its end is not known.
func (w *worker) leftovers(ctx context.Context, a Action, n int, unknown bool) (done bool, err error) {
	found, err := w.newIndexes(ctx, a, n)
	if err != nil {
		return false, err
	}
	for name, valid := range found {
		if valid {
			done = unknown
			continue
		}
		if err := w.s.exec(ctx, "DROP INDEX CONCURRENTLY IF EXISTS "+name); err != nil {
			return false, fmt.Errorf("drop the INVALID index %s that an earlier try left: %w", name, err)
		}
		w.emit(Cleaned{File: a.Script.Path, Index: name})
	}
	return done, nil
}

// newIndexes lists the indexes that the table has got since the step's first
// try, by name, and whether they are valid.
func (w *worker) newIndexes(ctx context.Context, a Action, n int) (map[string]bool, error) {
	target, ok := concurrentIndex(w.statementWords(a, n))
	if !ok {
		return nil, nil
	}
	v := w.values(a, n)
	v["table"], v["index"] = target.table, target.index
	found := map[string]bool{}
	err := w.s.query(ctx, "BEGIN;\n"+w.book.setRole()+w.book.sql("leftovers", v)+"COMMIT", func(rows *sql.Rows) error {
		var name string
		var valid bool
		err := rows.Scan(&name, &valid)
		found[name] = valid
		return err
	})
	return found, err
}

// mustBeValid refuses to call CREATE INDEX CONCURRENTLY IF NOT EXISTS done
// when it passed over an INVALID index of that name.
func (w *worker) mustBeValid(ctx context.Context, a Action, n int) error {
	target, ok := concurrentIndex(w.statementWords(a, n))
	if !ok || target.index == nil {
		return nil
	}
	var name string
	q := w.book.sql("invalid_index", values{"table": target.table, "index": target.index})
	if err := w.s.query(ctx, q, func(rows *sql.Rows) error { return rows.Scan(&name) }); err != nil || name == "" {
		return err
	}
	return &Hinted{
		fmt.Errorf("%s: index %s is INVALID: another tool's try left it, and IF NOT EXISTS passed over it", a.Script.Path, name),
		"DROP INDEX CONCURRENTLY " + name + ", then run `rung " + string(a.Direction) + "` again",
	}
}
