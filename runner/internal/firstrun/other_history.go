// Package firstrun looks, before rung's history is first made, for another tool's: to
// apply every file again would run on what is there. It is asked once in the
// life of a database, by messages that hold nothing of the files.
package firstrun

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"rung/internal/english"
	"rung/internal/othertool"
	"rung/internal/pgtext"
	"rung/runner/internal/files"
	"rung/runner/internal/pgconn"
	"rung/runner/internal/plan"
	"rung/runner/internal/store"
)

// otherHistories looks for them.
type otherHistories struct {
	conn *pgconn.Session
	book store.Book
}

// MustBeFirst refuses a plan that would run what another tool, or somebody by
// hand, has run already.
func MustBeFirst(ctx context.Context, conn *pgconn.Session, book store.Book, p *plan.Plan) error {
	b := otherHistories{conn, book}
	var path []string
	err := b.book.Ask(ctx, b.conn, book.SQL("schemas_here", nil), func(rows *sql.Rows) error {
		return rows.Scan((*pq.StringArray)(&path))
	})
	if err != nil {
		return err
	}
	var found []othertool.Candidate
	err = b.book.Ask(ctx, b.conn, othertool.Candidates(path), func(rows *sql.Rows) error {
		var c othertool.Candidate
		err := rows.Scan(&c.Schema, &c.Name, (*pq.StringArray)(&c.Columns))
		found = append(found, c)
		return err
	})
	if err != nil {
		return err
	}
	var findings []plan.Finding
	for _, h := range othertool.Recognise(found) {
		newest, err := b.newestOf(ctx, h)
		if err != nil {
			return err
		}
		if newest != "" {
			findings = append(findings, otherHistory(h, newest, p))
		}
	}
	if len(findings) == 0 {
		findings, err = b.existsAlready(ctx, p.Actions[0], path)
	}
	if err != nil || len(findings) == 0 {
		return err
	}
	// What is there may be the work of another rung that came first: then the plan
	// is made anew under the lock.
	if rec, err := b.book.ReadRecord(ctx, b.conn, store.AtGlance); err == nil && rec.Exists {
		return nil
	}
	return &plan.DisagreementError{Findings: findings}
}

// newestOf says what has run by another tool's history; "" is nothing.
func (b otherHistories) newestOf(ctx context.Context, h othertool.History) (newest string, err error) {
	const alone = "SET LOCAL search_path = pg_catalog;\nSET LOCAL row_security = off;\n"
	err = b.book.Ask(ctx, b.conn, alone+h.Newest(), func(rows *sql.Rows) error {
		var text sql.NullString
		err := rows.Scan(&text)
		newest = text.String
		return err
	})
	var lost *pgconn.UnreachableError
	switch {
	case err == nil, errors.As(err, &lost):
		return newest, err
	case pq.As(err, pqerror.InsufficientPrivilege) != nil:
		return "which this role may not read", nil
	case pq.As(err) != nil:
		return "which cannot be read: " + strings.TrimPrefix(pq.As(err).Message, "pq: "), nil
	}
	return "", err
}

func otherHistory(h othertool.History, newest string, p *plan.Plan) plan.Finding {
	return plan.Finding{
		Kind: plan.OtherHistory,
		What: fmt.Sprintf("this database has the history of %s, in %s.%s (%s), and none of rung's: %s would run that may be applied already",
			h.Tool, h.In, h.Name, newest, english.Count(len(p.Actions), "migration")),
		Fix: "`rung adopt` records what ran, or `rung baseline --to V`, where V is the newest version that is applied; --beside-other-history runs them anyway",
	}
}

// existsAlready finds the first table that the first file would create and that
// is there.
func (b otherHistories) existsAlready(ctx context.Context, a plan.Action, path []string) ([]plan.Finding, error) {
	for _, t := range newTables(a.Script) {
		if t.schema == "" {
			if len(path) == 0 {
				continue
			}
			t.schema = path[0]
		}
		var there bool
		q := b.book.SQL("table_there", store.Values{"table": pgtext.Ident(t.schema) + "." + pgtext.Ident(t.name)})
		if err := b.book.Ask(ctx, b.conn, q, func(rows *sql.Rows) error { return rows.Scan(&there) }); err != nil {
			return nil, err
		}
		if there {
			return []plan.Finding{{
				Kind: plan.OtherHistory, Version: a.Version, Name: a.Name, File: a.Script.Path,
				What: fmt.Sprintf("creates the table %s.%s, which is there already, and this database has no history of rung's", t.schema, t.name),
				Fix:  "`rung baseline --to V` records what is applied, where V is the newest version; --beside-other-history runs the file anyway",
			}}, nil
		}
	}
	return nil, nil
}

// newTable is a table that a file creates.
type newTable struct{ schema, name string }

// harmless are the first words of statements that take no table out of the way
// of one that comes after them.
var harmless = []string{"CREATE", "COMMENT", "INSERT", "GRANT", "BEGIN", "START", "SET"}

// newTables are the tables that a script creates without asking whether they
// are there, as far as it is plain what it means.
func newTables(s *files.Script) (all []newTable) {
	for i := range s.Parsed.Statements {
		w := files.Words(s.Parsed.Statements[i].Words)
		if !slices.Contains(harmless, w.At(0)) || w.At(0) == "SET" && !w.Starts("SET CLIENT_ENCODING") && !w.Starts("SET STATEMENT_TIMEOUT") && !w.Starts("SET LOCK_TIMEOUT") {
			return all
		}
		if w.At(1) == "UNLOGGED" {
			w = w[1:]
		}
		if w.At(0) != "CREATE" && w.At(0) != "UNLOGGED" || w.At(1) != "TABLE" || w.At(2) == "IF" {
			continue
		}
		t := newTable{name: pgtext.Name(w.At(2))}
		if w.At(3) == "." {
			t.schema, t.name = t.name, pgtext.Name(w.At(4))
		}
		all = append(all, t)
	}
	return all
}
