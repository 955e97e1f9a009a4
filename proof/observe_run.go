package proof

import (
	"context"
	"database/sql/driver"
	"fmt"
	"slices"

	"github.com/lib/pq"

	"rung/runner"
)

// run runs statement i in the open transaction. One that fails is rolled back
// alone, so that the others are seen too.
func (o *observer) run(ctx context.Context, m *moment, i int, args []any) error {
	wrap := !hasControl(m.statement.Words)
	if setsTransaction(m.statement.Words) {
		m.NotObserved = "SET TRANSACTION is not run: it has to come before everything else"
		return nil
	}
	if wrap {
		m.wholeTables = o.explain(ctx, m, args)
		if err := o.exec(ctx, "SET client_min_messages = debug1; SAVEPOINT rung_review"); err != nil {
			return err
		}
	}
	o.notices = nil
	err := o.send(ctx, m, i, args)
	if err != nil && !ofServer(err) {
		return err
	}
	said := o.notices
	switch {
	case err != nil && wrap:
		if err := o.exec(ctx, "ROLLBACK TO SAVEPOINT rung_review"); err != nil {
			return err
		}
		if made, failed := o.madeLacking(ctx, err); made || failed != nil {
			if failed != nil {
				return failed
			}
			return o.run(ctx, m, i, args)
		}
	case err != nil:
		if err := o.exec(ctx, "ROLLBACK; BEGIN"); err != nil {
			return err
		}
	case wrap:
		if err := o.exec(ctx, "RELEASE SAVEPOINT rung_review"); err != nil {
			return err
		}
	}
	if err != nil {
		m.fail(runner.ErrorIn(o.script, i, err))
	}
	return o.seen(ctx, m, said)
}

// send sends the statement alone, as the runner would but for its bookkeeping.
func (o *observer) send(ctx context.Context, m *moment, i int, args []any) error {
	if m.statement.Data {
		return o.conn.Raw(func(c any) error {
			conn, ok := c.(driver.Conn)
			if !ok {
				return fmt.Errorf("the driver gives no connection")
			}
			return runner.CopyStatement(ctx, o.script, conn, i)
		})
	}
	_, err := o.conn.ExecContext(ctx, m.SQL, args[:min(len(args), m.statement.Params)]...)
	return err
}

// seen looks at what the statement did, and has it judged.
func (o *observer) seen(ctx context.Context, m *moment, said []*pq.Error) error {
	for _, n := range said {
		if n.Severity == "DEBUG" {
			m.debug = append(m.debug, n.Message)
		} else {
			m.notices = append(m.notices, n)
		}
	}
	m.before = o.now
	if err := o.look(ctx); err != nil {
		return err
	}
	m.after = o.now
	o.compare(m)
	if err := o.users(ctx, m); err != nil {
		return err
	}
	if o.ask != nil {
		if err := o.ask(ctx, m); err != nil {
			return err
		}
	}
	if m.tx != nil {
		m.tx.statements = append(m.tx.statements, m)
	}
	o.judge(m)
	m.before, m.after = nil, nil // large, and judged
	return nil
}

// madeLacking makes what the statement names and a scratch server lacks.
func (o *observer) madeLacking(ctx context.Context, err error) (bool, error) {
	l, ok := lackIn(err)
	if !ok || o.scratch.isMade(l) {
		return false, nil
	}
	made, failed := o.scratch.makeLacking(ctx, l)
	if made {
		// The session remembers that there is none until it next locks something.
		failed = o.exec(ctx, "SAVEPOINT rung_lack; SELECT FROM pg_catalog.pg_roles LIMIT 0; ROLLBACK TO SAVEPOINT rung_lack; RELEASE SAVEPOINT rung_lack")
		o.note(l.note())
	}
	return made, failed
}

// hasControl reports whether a statement begins or ends (sub)transactions.
func hasControl(words []string) bool {
	return len(words) > 0 && slices.Contains([]string{"SAVEPOINT", "RELEASE", "ROLLBACK", "COMMIT", "BEGIN"}, words[0])
}

func setsTransaction(words []string) bool {
	return len(words) > 1 && words[0] == "SET" && (words[1] == "TRANSACTION" || words[1] == "LOCAL" && len(words) > 2 && words[2] == "TRANSACTION")
}
