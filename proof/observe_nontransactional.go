package proof

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"rung/internal/pgtext"
	"rung/runner"
)

// bounds are the first and the last key of a batch's table, or NULLs.
func (o *observer) bounds(ctx context.Context, b *runner.Batch) []any {
	n := len(b.Columns)
	var names, texts []string
	for _, c := range b.Columns {
		names, texts = append(names, pgtext.Ident(c)), append(texts, pgtext.Ident(c)+"::pg_catalog.text")
	}
	args := make([]any, 2*n)
	for half, direction := range []string{" ASC", " DESC"} {
		values, to := make([]sql.NullString, n), make([]any, n)
		for i := range values {
			to[i] = &values[i]
		}
		query := "SELECT " + strings.Join(texts, ", ") + " FROM (SELECT " + strings.Join(names, ", ") + " FROM " + b.Table + " ORDER BY " + strings.Join(names, direction+", ") + direction + " LIMIT 1) AS k"
		if o.conn.QueryRowContext(ctx, query).Scan(to...) != nil {
			continue // an empty table, or one that the statement will complain of
		}
		for i := range values {
			args[half*n+i] = values[i].String
		}
	}
	return args
}

// outsideStep runs a statement that PostgreSQL refuses inside a transaction, or
// may refuse: that is tried.
func (o *observer) outsideStep(ctx context.Context, step runner.Step) error {
	i := step.First
	if what := isServerWide(o.sts[i].Words); what != "" {
		return o.notRun(ctx, i, step, what+" is not run: it reaches beyond the scratch database")
	}
	for _, n := range step.Session {
		if err := o.exec(ctx, o.sts[n].SQL); err != nil && !ofServer(err) {
			return err
		}
	}
	if tried := o.sts[i].Words[0]; tried == "DO" || tried == "CALL" || tried == "CLUSTER" || tried == "REINDEX" && !slices.Contains(o.sts[i].Words, "CONCURRENTLY") {
		allowed, err := o.allowedInside(ctx, i)
		if err != nil {
			return err
		}
		if allowed {
			return o.transaction(ctx, step, nil)
		}
	}
	m := o.begin(i, step)
	if err := o.exec(ctx, "SET client_min_messages = debug1"); err != nil {
		return err
	}
	if err := o.look(ctx); err != nil {
		return err
	}
	o.notices = nil
	err := o.send(ctx, m, i, nil)
	if err != nil && !ofServer(err) {
		return err
	}
	if err != nil {
		m.fail(runner.ErrorIn(o.script, i, err))
	}
	return o.seen(ctx, m, o.notices)
}

// allowedInside tries a statement in a transaction that is rolled back.
func (o *observer) allowedInside(ctx context.Context, i int) (bool, error) {
	if err := o.exec(ctx, "BEGIN"); err != nil {
		return false, err
	}
	err := o.exec(ctx, o.sts[i].SQL)
	if err != nil && !ofServer(err) {
		return false, err
	}
	refused := pq.As(err, pqerror.ActiveSQLTransaction, pqerror.InvalidTransactionTermination) != nil
	return !refused, o.exec(ctx, "ROLLBACK")
}

// notRun records a statement that is left out, and says why.
func (o *observer) notRun(ctx context.Context, i int, step runner.Step, why string) error {
	m := o.begin(i, step)
	m.NotObserved = why
	if err := o.look(ctx); err != nil {
		return err
	}
	m.before, m.after = o.now, o.now
	o.judge(m)
	m.before, m.after = nil, nil
	return nil
}
