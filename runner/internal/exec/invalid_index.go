package exec

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

// EarlierTry is what an earlier try of a step outside of a transaction has left: a
// statement that still runs, an index.
type EarlierTry struct {
	x   *Session
	run plan.StepRun
}

// Earlier is what an earlier try of the step has left.
func (x *Session) Earlier(run plan.StepRun) EarlierTry { return EarlierTry{x, run} }

// words are those of the step's statement.
func (e EarlierTry) words() files.Words {
	return files.Words(e.run.Script.Parsed.Statements[e.run.Step().First].Words)
}

// IndexTarget is what its CREATE INDEX CONCURRENTLY names; ok is false for another
// statement.
func (e EarlierTry) IndexTarget() (t IndexTarget, ok bool) { return concurrentIndex(e.words()) }

// Await waits until the server has ended what an earlier runner left
// running there: its client may be gone, and the statement goes on. It went by
// the number was.
func (e EarlierTry) Await(ctx context.Context, was int) error {
	q := e.x.History.SQL("earlier", store.Values{"mark": stepMark(e.x.History, e.run.At(was))})
	for b, said := pgconn.NewBackoff(100*time.Millisecond, 2*time.Second), (time.Time{}); ; {
		running, err := lock.BlockersOf(ctx, e.x.Conn, q)
		if err != nil || len(running) == 0 {
			return err
		}
		if time.Since(said) >= pgconn.SayAgain {
			said = time.Now()
			waits := taskOf(e.run)
			waits.Statement = e.run.Step().First
			e.x.Says.Blocked(waits, running, true)
		}
		if b.Sleep(ctx) != nil {
			return &Stopped{}
		}
	}
}

// NewIndex is an index that an earlier try may have made.
type NewIndex struct {
	Name       string
	Valid      bool
	definition string // without the name
}

// clear deals with the indexes of an earlier try: an INVALID one is
// dropped; a valid one means that the try succeeded, if its end is not known.
// Doubtful are those that may be its work or somebody else's.
func (e EarlierTry) clear(ctx context.Context, table store.Fragment, unknown bool) (done bool, doubtful []NewIndex, err error) {
	found, err := e.Indexes(ctx, table)
	for _, i := range found {
		switch {
		case err != nil:
		case !i.Valid:
			err = e.Drop(ctx, i)
		case unknown && e.MadeBy(i):
			done = true
		case unknown:
			doubtful = append(doubtful, i)
		}
	}
	return done, doubtful, err
}

// Drop drops an index that an earlier try has made.
func (e EarlierTry) Drop(ctx context.Context, i NewIndex) error {
	err := e.x.AsFile(ctx, e.run, func() error {
		t := e.x.NewSender(ctx, e.run)
		t.Last = t.Step.First
		t.Say("DROP INDEX CONCURRENTLY IF EXISTS " + i.Name)
		return t.Flush()
	})
	if err == nil && !i.Valid {
		e.x.Says.Cleaned(e.run.Script.Path, i.Name)
	}
	return err
}

// dropDouble drops the index that was just made, if it shows now that an
// earlier try had made the same one.
func (e EarlierTry) dropDouble(ctx context.Context, table store.Fragment, doubtful []NewIndex) error {
	if len(doubtful) == 0 {
		return nil
	}
	found, err := e.Indexes(ctx, table)
	if err != nil {
		return err
	}
	for _, i := range found {
		same := func(d NewIndex) bool { return d.definition == i.definition && d.Name != i.Name }
		if !slices.Contains(doubtful, i) && slices.ContainsFunc(doubtful, same) {
			return e.Drop(ctx, i)
		}
	}
	return nil
}

// MadeBy reports whether an index is the one that the statement makes. Where
// PostgreSQL chooses the name, somebody else's may have come meanwhile; so
// what it is on has to be the same, as far as that shows in the text.
func (e EarlierTry) MadeBy(i NewIndex) bool {
	st := &e.run.Script.Parsed.Statements[e.run.Step().First]
	if target, _ := concurrentIndex(st.Words); target.Index != nil {
		return true
	}
	return sameIndex(st.Text[st.Lead:], i.definition)
}

// Indexes lists the indexes that have come since the step's first try.
func (e EarlierTry) Indexes(ctx context.Context, table store.Fragment) (found []NewIndex, err error) {
	target, ok := e.IndexTarget()
	v := e.x.History.Values(e.run)
	v["table"], v["index"], v["step"] = table, target.Index, e.run.StoredStep(e.run.Index)
	q := "earlier_indexes"
	switch {
	case e.run.Step().Verb == reindexConcurrently:
		q = "earlier_indexes_reindex"
	case !ok:
		return nil, nil
	}
	err = e.x.Conn.Query(ctx, "BEGIN READ ONLY;\n"+e.x.History.SetRole()+e.x.History.FilePath()+e.x.History.SQL(q, v)+"ROLLBACK", func(rows *sql.Rows) error {
		var i NewIndex
		err := rows.Scan(&i.Name, &i.Valid, &i.definition)
		found = append(found, i)
		return err
	})
	return found, err
}

const reindexConcurrently = "REINDEX CONCURRENTLY"

// Table is SQL for the table that a CREATE INDEX CONCURRENTLY names; NULL
// for another statement. What the name means is decided by the role and the
// SETs of the file, which must not rule the bookkeeping: so where there are
// some, it is looked up beforehand. They go in a message of their own, since
// they may have results.
func (e EarlierTry) Table(ctx context.Context) (store.Fragment, error) {
	target, ok := e.IndexTarget()
	step := e.run.Step()
	q := "pg_catalog.to_regclass(" + pgtext.Literal(target.Table) + ")"
	switch {
	case !ok:
		return "NULL::pg_catalog.oid", nil
	case len(step.Session) == 0:
		return store.Fragment(q), nil
	}
	t := e.x.NewSender(ctx, e.run)
	t.Say("BEGIN READ ONLY;\n" + e.x.SessionRole() + e.x.History.FilePath())
	for _, i := range step.Session {
		t.Message.Statement(e.run.Script, i)
	}
	table := "NULL::pg_catalog.oid"
	err := t.Flush()
	if err == nil {
		err = e.x.Conn.Query(ctx, e.x.History.SQL("table_named", store.Values{"table": store.Fragment(q)}), func(rows *sql.Rows) error {
			var oid *string
			err := rows.Scan(&oid)
			if oid != nil {
				table = *oid
			}
			return err
		})
	}
	if err != nil {
		_ = e.x.Conn.Exec(ctx, "ROLLBACK") // a lost session has nothing to roll back
	}
	return store.Fragment(table), err
}

// mustBeValid refuses to call CREATE INDEX CONCURRENTLY IF NOT EXISTS done
// when it passed over an INVALID index of that name.
func (e EarlierTry) mustBeValid(ctx context.Context, table store.Fragment) error {
	target, ok := e.IndexTarget()
	if !ok || target.Index == nil {
		return nil
	}
	var name string
	q := e.x.History.SQL("invalid_index", store.Values{"table": table, "index": target.Index})
	if err := e.x.Conn.Query(ctx, q, func(rows *sql.Rows) error { return rows.Scan(&name) }); err != nil || name == "" {
		return err
	}
	return &files.HintedError{
		Err:  fmt.Errorf("%s: index %s is INVALID: another tool left it, and IF NOT EXISTS skipped it", e.run.Script.Path, name),
		Hint: "DROP INDEX CONCURRENTLY " + name + ", then run `rung " + string(e.run.Direction) + "` again",
	}
}

// tidy drops at once what a failed statement left, so that none of it stays. It does
// not insist: the next try would drop it too.
func (e EarlierTry) tidy(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), tidyLimit)
	defer cancel()
	table, err := e.Table(ctx)
	if err != nil {
		return
	}
	found, err := e.Indexes(ctx, table)
	if err != nil || len(found) == 0 {
		return
	}
	var left []string
	for _, i := range found {
		if i.Valid {
			continue
		}
		if err == nil {
			limit := "SET lock_timeout = " + pgtext.Literal(files.Millis(tidyLimit/2)) + ";\n"
			err = e.x.asFileWith(ctx, e.run, limit, func() error {
				return e.x.Conn.Exec(ctx, "DROP INDEX CONCURRENTLY IF EXISTS "+i.Name)
			})
		}
		if err == nil {
			e.x.Says.Cleaned(e.run.Script.Path, i.Name)
		} else {
			left = append(left, i.Name)
		}
	}
	if len(left) > 0 {
		e.x.Left = "the INVALID index " + strings.Join(left, ", ") + " is left; the next `rung " + string(e.run.Direction) + "` drops it and builds it again"
	}
}

// tidyLimit is how long dropping a leftover may hold an error back.
const tidyLimit = 4 * time.Second
