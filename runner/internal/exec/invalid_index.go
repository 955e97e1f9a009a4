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

// AwaitEarlier waits until the server has ended what an earlier runner left
// running there: its client may be gone, and the statement goes on. It went by
// the number was.
func (x *Session) AwaitEarlier(ctx context.Context, run plan.StepRun, was int) error {
	q := x.History.SQL("earlier", store.Values{"mark": x.mark(run.At(was))})
	for b, said := pgconn.NewBackoff(100*time.Millisecond, 2*time.Second), (time.Time{}); ; {
		running, err := lock.BlockersOf(ctx, x.Conn, q)
		if err != nil || len(running) == 0 {
			return err
		}
		if time.Since(said) >= pgconn.SayAgain {
			said = time.Now()
			waits := taskOf(run)
			waits.Statement = run.Step().First
			x.Says.Blocked(waits, running, true)
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

// leftovers deals with the indexes of an earlier try: an INVALID one is
// dropped; a valid one means that the try succeeded, if its end is not known.
// Doubtful are those that may be its work or somebody else's.
func (x *Session) leftovers(ctx context.Context, run plan.StepRun, table store.Fragment, unknown bool) (done bool, doubtful []NewIndex, err error) {
	found, err := x.NewIndexes(ctx, run, table)
	for _, i := range found {
		switch {
		case err != nil:
		case !i.Valid:
			err = x.DropIndex(ctx, run, i)
		case unknown && x.MadeBy(run, i):
			done = true
		case unknown:
			doubtful = append(doubtful, i)
		}
	}
	return done, doubtful, err
}

func (x *Session) DropIndex(ctx context.Context, run plan.StepRun, i NewIndex) error {
	err := x.AsFile(ctx, run, func() error {
		t := x.NewSender(ctx, run)
		t.Last = t.Step.First
		t.Say("DROP INDEX CONCURRENTLY IF EXISTS " + i.Name)
		return t.Flush()
	})
	if err == nil && !i.Valid {
		x.Says.Cleaned(run.Script.Path, i.Name)
	}
	return err
}

// dropDouble drops the index that was just made, if it shows now that an
// earlier try had made the same one.
func (x *Session) dropDouble(ctx context.Context, run plan.StepRun, table store.Fragment, doubtful []NewIndex) error {
	if len(doubtful) == 0 {
		return nil
	}
	found, err := x.NewIndexes(ctx, run, table)
	if err != nil {
		return err
	}
	for _, i := range found {
		same := func(d NewIndex) bool { return d.definition == i.definition && d.Name != i.Name }
		if !slices.Contains(doubtful, i) && slices.ContainsFunc(doubtful, same) {
			return x.DropIndex(ctx, run, i)
		}
	}
	return nil
}

// MadeBy reports whether an index is the one that the statement makes. Where
// PostgreSQL chooses the name, somebody else's may have come meanwhile; so
// what it is on has to be the same, as far as that shows in the text.
func (x *Session) MadeBy(run plan.StepRun, i NewIndex) bool {
	st := &run.Script.Parsed.Statements[run.Step().First]
	if target, _ := ConcurrentIndex(st.Words); target.Index != nil {
		return true
	}
	return sameIndex(st.Text[st.Lead:], i.definition)
}

// NewIndexes lists the indexes that have come since the step's first try.
func (x *Session) NewIndexes(ctx context.Context, run plan.StepRun, table store.Fragment) (found []NewIndex, err error) {
	target, ok := ConcurrentIndex(x.StatementWords(run))
	v := x.History.Values(run)
	v["table"], v["index"], v["step"] = table, target.Index, run.StoredStep(run.Index)
	q := "leftovers"
	switch {
	case run.Step().Verb == reindexConcurrently:
		q = "leftovers_reindex"
	case !ok:
		return nil, nil
	}
	err = x.Conn.Query(ctx, "BEGIN READ ONLY;\n"+x.History.SetRole()+x.History.FilePath()+x.History.SQL(q, v)+"ROLLBACK", func(rows *sql.Rows) error {
		var i NewIndex
		err := rows.Scan(&i.Name, &i.Valid, &i.definition)
		found = append(found, i)
		return err
	})
	return found, err
}

const reindexConcurrently = "REINDEX CONCURRENTLY"

// TableOf is SQL for the table that a CREATE INDEX CONCURRENTLY names; NULL
// for another statement. What the name means is decided by the role and the
// SETs of the file, which must not rule the bookkeeping: so where there are
// some, it is looked up beforehand. They go in a message of their own, since
// they may have results.
func (x *Session) TableOf(ctx context.Context, run plan.StepRun) (store.Fragment, error) {
	target, ok := ConcurrentIndex(x.StatementWords(run))
	step := run.Step()
	q := "pg_catalog.to_regclass(" + pgtext.Literal(target.Table) + ")"
	switch {
	case !ok:
		return "NULL::pg_catalog.oid", nil
	case len(step.Session) == 0:
		return store.Fragment(q), nil
	}
	t := x.NewSender(ctx, run)
	t.Say("BEGIN READ ONLY;\n" + x.SessionRole() + x.History.FilePath())
	for _, i := range step.Session {
		t.Message.Statement(run.Script, i)
	}
	table := "NULL::pg_catalog.oid"
	err := t.Flush()
	if err == nil {
		err = x.Conn.Query(ctx, "SELECT "+q+"::pg_catalog.oid::pg_catalog.text;\nROLLBACK", func(rows *sql.Rows) error {
			var oid *string
			err := rows.Scan(&oid)
			if oid != nil {
				table = *oid
			}
			return err
		})
	}
	if err != nil {
		_ = x.Conn.Exec(ctx, "ROLLBACK") // a lost session has nothing to roll back
	}
	return store.Fragment(table), err
}

// mustBeValid refuses to call CREATE INDEX CONCURRENTLY IF NOT EXISTS done
// when it passed over an INVALID index of that name.
func (x *Session) mustBeValid(ctx context.Context, run plan.StepRun, table store.Fragment) error {
	target, ok := ConcurrentIndex(x.StatementWords(run))
	if !ok || target.Index == nil {
		return nil
	}
	var name string
	q := x.History.SQL("invalid_index", store.Values{"table": table, "index": target.Index})
	if err := x.Conn.Query(ctx, q, func(rows *sql.Rows) error { return rows.Scan(&name) }); err != nil || name == "" {
		return err
	}
	return &files.HintedError{
		Err:  fmt.Errorf("%s: index %s is INVALID: another tool left it, and IF NOT EXISTS skipped it", run.Script.Path, name),
		Hint: "DROP INDEX CONCURRENTLY " + name + ", then run `rung " + string(run.Direction) + "` again",
	}
}

// tidy drops at once what a failed statement left, so that none of it stays. It does not insist: the next try would drop it too.
func (x *Session) tidy(ctx context.Context, run plan.StepRun) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), tidyLimit)
	defer cancel()
	table, err := x.TableOf(ctx, run)
	if err != nil {
		return
	}
	found, err := x.NewIndexes(ctx, run, table)
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
			err = x.asFileWith(ctx, run, limit, func() error {
				return x.Conn.Exec(ctx, "DROP INDEX CONCURRENTLY IF EXISTS "+i.Name)
			})
		}
		if err == nil {
			x.Says.Cleaned(run.Script.Path, i.Name)
		} else {
			left = append(left, i.Name)
		}
	}
	if len(left) > 0 {
		x.Left = "the INVALID index " + strings.Join(left, ", ") + " is left; the next `rung " + string(run.Direction) + "` drops it and builds it again"
	}
}

// tidyLimit is how long dropping a leftover may hold an error back.
const tidyLimit = 4 * time.Second
