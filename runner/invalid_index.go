package runner

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"rung/internal/pgtext"
	"rung/runner/internal/files"
	"rung/runner/internal/lock"
	"rung/runner/internal/pgconn"
	"rung/runner/internal/plan"
	"rung/runner/internal/store"
)

// awaitEarlier waits until the server has ended what an earlier runner left
// running there: its client may be gone, and the statement goes on. It went by
// the number was.
func (w *worker) awaitEarlier(ctx context.Context, run plan.StepRun, was int) error {
	q := w.book.SQL("earlier", store.Values{"mark": w.mark(run.At(was))})
	for b, said := pgconn.NewBackoff(100*time.Millisecond, 2*time.Second), (time.Time{}); ; {
		running, err := lock.BlockersOf(ctx, w.s, q)
		if err != nil || len(running) == 0 {
			return err
		}
		if time.Since(said) >= pgconn.SayAgain {
			said = time.Now()
			w.emit(Blocked{Version: run.Version, File: run.Script.Path, Line: run.Script.Pos(run.Step().First).Line, Dead: true, Blockers: running})
		}
		if b.Sleep(ctx) != nil {
			return &stoppedStep{}
		}
	}
}

// newIndex is an index that an earlier try may have made.
type newIndex struct {
	name       string
	valid      bool
	definition string // without the name
}

// leftovers deals with the indexes of an earlier try: an INVALID one is
// dropped; a valid one means that the try got through, if its end is not known.
// Doubtful are those that may be its work or somebody else's.
func (w *worker) leftovers(ctx context.Context, run plan.StepRun, table store.Fragment, unknown bool) (done bool, doubtful []newIndex, err error) {
	found, err := w.newIndexes(ctx, run, table)
	for _, i := range found {
		switch {
		case err != nil:
		case !i.valid:
			err = w.dropIndex(ctx, run, i)
		case unknown && w.madeBy(run, i):
			done = true
		case unknown:
			doubtful = append(doubtful, i)
		}
	}
	return done, doubtful, err
}

func (w *worker) dropIndex(ctx context.Context, run plan.StepRun, i newIndex) error {
	err := w.asFile(ctx, run, func() error {
		t := w.newSender(ctx, run)
		t.last = t.step.First
		t.say("DROP INDEX CONCURRENTLY IF EXISTS " + i.name)
		return t.flush()
	})
	if err == nil && !i.valid {
		w.emit(Cleaned{File: run.Script.Path, Index: i.name})
	}
	return err
}

// dropDouble drops the index that was just made, if it shows now that an
// earlier try had made the same one.
func (w *worker) dropDouble(ctx context.Context, run plan.StepRun, table store.Fragment, doubtful []newIndex) error {
	if len(doubtful) == 0 {
		return nil
	}
	found, err := w.newIndexes(ctx, run, table)
	if err != nil {
		return err
	}
	for _, i := range found {
		same := func(d newIndex) bool { return d.definition == i.definition && d.name != i.name }
		if !slices.Contains(doubtful, i) && slices.ContainsFunc(doubtful, same) {
			return w.dropIndex(ctx, run, i)
		}
	}
	return nil
}

// madeBy reports whether an index is the one that the statement makes. Where
// PostgreSQL chooses the name, somebody else's may have come meanwhile; so
// what it is on has to be the same, as far as that shows in the text.
func (w *worker) madeBy(run plan.StepRun, i newIndex) bool {
	st := &run.Script.Parsed.Statements[run.Step().First]
	if target, _ := concurrentIndex(st.Words); target.index != nil {
		return true
	}
	return sameIndex(st.Text[st.Lead:], i.definition)
}

// newIndexes lists the indexes that have come since the step's first try.
func (w *worker) newIndexes(ctx context.Context, run plan.StepRun, table store.Fragment) (found []newIndex, err error) {
	target, ok := concurrentIndex(w.statementWords(run))
	v := w.history.Values(run)
	v["table"], v["index"], v["step"] = table, target.index, run.StoredStep(run.Index)
	q := "leftovers"
	switch {
	case run.Step().Verb == reindexConcurrently:
		q = "leftovers_reindex"
	case !ok:
		return nil, nil
	}
	err = w.s.Query(ctx, "BEGIN READ ONLY;\n"+w.book.SetRole()+w.book.FilePath()+w.book.SQL(q, v)+"ROLLBACK", func(rows *sql.Rows) error {
		var i newIndex
		err := rows.Scan(&i.name, &i.valid, &i.definition)
		found = append(found, i)
		return err
	})
	return found, err
}

const reindexConcurrently = "REINDEX CONCURRENTLY"

// tableOf is SQL for the table that a CREATE INDEX CONCURRENTLY names; NULL
// for another statement. What the name means is decided by the role and the
// SETs of the file, which must not rule the bookkeeping: so where there are
// some, it is looked up beforehand. They go in a message of their own, since
// they may have results.
func (w *worker) tableOf(ctx context.Context, run plan.StepRun) (store.Fragment, error) {
	target, ok := concurrentIndex(w.statementWords(run))
	step := run.Step()
	q := "pg_catalog.to_regclass(" + pgtext.Literal(target.table) + ")"
	switch {
	case !ok:
		return "NULL::pg_catalog.oid", nil
	case len(step.Session) == 0:
		return store.Fragment(q), nil
	}
	t := w.newSender(ctx, run)
	t.say("BEGIN READ ONLY;\n" + w.sessionRole() + w.book.FilePath())
	for _, i := range step.Session {
		t.m.Statement(run.Script, i)
	}
	table := "NULL::pg_catalog.oid"
	err := t.flush()
	if err == nil {
		err = w.s.Query(ctx, "SELECT "+q+"::pg_catalog.oid::pg_catalog.text;\nROLLBACK", func(rows *sql.Rows) error {
			var oid *string
			err := rows.Scan(&oid)
			if oid != nil {
				table = *oid
			}
			return err
		})
	}
	if err != nil {
		_ = w.s.Exec(ctx, "ROLLBACK") // a lost session has nothing to roll back
	}
	return store.Fragment(table), err
}

// mustBeValid refuses to call CREATE INDEX CONCURRENTLY IF NOT EXISTS done
// when it passed over an INVALID index of that name.
func (w *worker) mustBeValid(ctx context.Context, run plan.StepRun, table store.Fragment) error {
	target, ok := concurrentIndex(w.statementWords(run))
	if !ok || target.index == nil {
		return nil
	}
	var name string
	q := w.book.SQL("invalid_index", store.Values{"table": table, "index": target.index})
	if err := w.s.Query(ctx, q, func(rows *sql.Rows) error { return rows.Scan(&name) }); err != nil || name == "" {
		return err
	}
	return &files.HintedError{
		Err:  fmt.Errorf("%s: index %s is INVALID: another tool left it, and IF NOT EXISTS skipped it", run.Script.Path, name),
		Hint: "DROP INDEX CONCURRENTLY " + name + ", then run `rung " + string(run.Direction) + "` again",
	}
}

// tidy drops at once what a failed statement left, so that nothing of it is in
// place. It does not insist: the next try would drop it too.
func (w *worker) tidy(ctx context.Context, run plan.StepRun) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), tidyLimit)
	defer cancel()
	table, err := w.tableOf(ctx, run)
	if err != nil {
		return
	}
	found, err := w.newIndexes(ctx, run, table)
	if err != nil || len(found) == 0 {
		return
	}
	var left []string
	for _, i := range found {
		if i.valid {
			continue
		}
		if err == nil {
			limit := "SET lock_timeout = " + pgtext.Literal(files.Millis(tidyLimit/2)) + ";\n"
			err = w.asFileWith(ctx, run, limit, func() error {
				return w.s.Exec(ctx, "DROP INDEX CONCURRENTLY IF EXISTS "+i.name)
			})
		}
		if err == nil {
			w.emit(Cleaned{File: run.Script.Path, Index: i.name})
		} else {
			left = append(left, i.name)
		}
	}
	if len(left) > 0 {
		w.left = "the INVALID index " + strings.Join(left, ", ") + " is left; the next `rung " + string(run.Direction) + "` drops it and builds it again"
	}
}

// tidyLimit is how long dropping a leftover may hold an error back.
const tidyLimit = 4 * time.Second
