package adopt

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"rung/internal/othertool"
	"rung/runner"
)

// refuse is a finding that stops the adoption.
func refuse(what, fix string) error {
	return &runner.DisagreementError{Findings: []runner.Finding{{Kind: runner.OtherHistory, What: what, Fix: fix}}}
}

const byHand = "`rung baseline --to V` records what is applied, where V is the newest version"

// read finds the history and reads it.
func read(ctx context.Context, ask runner.Asker, req Request) (*othertool.History, []entry, error) {
	h, err := find(ctx, ask, req)
	if err != nil {
		return nil, nil, err
	}
	t, ok := tools[h.Tool]
	if !ok {
		return h, nil, refuse(fmt.Sprintf("%s.%s is the history of %s, which rung recognises and cannot adopt: it does not say what files ran", h.In, h.Name, h.Tool), byHand)
	}
	for _, need := range t.needs {
		if !slices.Contains(h.Columns, need) {
			return h, nil, refuse(fmt.Sprintf("%s.%s is not as %s makes it: it has no column %s of a type of PostgreSQL's own", h.In, h.Name, h.Tool, need), byHand)
		}
	}
	if req.TimeZone != "" {
		q := "SET LOCAL TimeZone = " + strings.TrimLeft(pq.QuoteLiteral(req.TimeZone), " ")
		if err := ask(ctx, q, nil); err != nil {
			return h, nil, &runner.RefusalError{Reason: fmt.Sprintf("there is no time zone %q", req.TimeZone), Hint: "name it as pg_timezone_names does: Europe/Berlin"}
		}
	}
	if err := lockOut(ctx, ask, h); err != nil {
		return h, nil, err
	}
	entries, err := readEntries(ctx, ask, t, h)
	return h, entries, unreadable(h, err)
}

// find is the one history to adopt.
func find(ctx context.Context, ask runner.Asker, req Request) (*othertool.History, error) {
	tables, err := wanted(req)
	if err != nil {
		return nil, err
	}
	found, err := candidates(ctx, ask, tables)
	if err != nil {
		return nil, err
	}
	all := othertool.RecogniseAs(tables, found)
	switch {
	case len(all) == 0:
		return nil, notFound(req)
	case len(all) > 1:
		return nil, several(all)
	}
	// Until it is held, somebody may put another thing in its place.
	if err := hold(ctx, ask, &all[0]); err != nil {
		return nil, unreadable(&all[0], err)
	}
	if found, err = candidates(ctx, ask, tables); err != nil {
		return nil, err
	}
	again := othertool.RecogniseAs(tables, found)
	if len(again) != 1 || again[0].In != all[0].In || again[0].Name != all[0].Name || again[0].Tool != all[0].Tool {
		return nil, refuse(fmt.Sprintf("%s.%s changed while it was looked at", all[0].In, all[0].Name), "adopt again")
	}
	return &again[0], nil
}

// wanted are the tables that the request may mean.
func wanted(req Request) ([]othertool.Table, error) {
	if req.From == "" {
		if req.Table != "" {
			return nil, &runner.RefusalError{Reason: "--table needs --from", Hint: "say whose history it is: --from goose"}
		}
		return othertool.Tables, nil
	}
	schema, name, ok := strings.Cut(req.Table, ".")
	if !ok {
		schema, name = "", req.Table
	}
	tables := othertool.Named(req.From, schema, name)
	if len(tables) == 0 {
		return nil, &runner.RefusalError{Reason: fmt.Sprintf("there is no tool %q that rung knows", req.From), Hint: "it knows " + strings.Join(Tools(), ", ")}
	}
	return tables, nil
}

// Tools are the names of those whose history can be adopted.
func Tools() (all []string) {
	for name := range tools {
		all = append(all, name)
	}
	slices.SortFunc(all, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
	return all
}

func notFound(req Request) error {
	if req.From != "" {
		return refuse(fmt.Sprintf("there is no history of %s in this database, in the schemas of the search path", req.From), "name its table with --table schema.name, or "+byHand)
	}
	return refuse("there is no history of another tool in this database, under the names that they use", "name the tool and its table with --from TOOL --table schema.name, or "+byHand)
}

func several(all []othertool.History) error {
	var each []string
	tables := false
	for _, h := range all {
		each = append(each, fmt.Sprintf("%s in %s.%s", h.Tool, h.In, h.Name))
		tables = tables || h.Tool == all[0].Tool && h.In != all[0].In
	}
	fix := "say which with --from TOOL"
	if tables {
		fix += " --table schema.name"
	}
	return refuse("this database has several histories: "+strings.Join(each, ", "), fix)
}

// candidates are the tables of the database that have such names.
func candidates(ctx context.Context, ask runner.Asker, tables []othertool.Table) (found []othertool.Candidate, err error) {
	// The session's own search path: that of the transaction is rung's.
	var path []string
	q := "SELECT pg_catalog.array_agg(n.nspname::pg_catalog.text) FROM pg_catalog.pg_namespace AS n " +
		"WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND pg_catalog.has_schema_privilege(n.oid, 'USAGE') " +
		"AND (n.nspname::text = ANY (pg_catalog.string_to_array(pg_catalog.replace((SELECT reset_val FROM pg_catalog.pg_settings WHERE name = 'search_path'), '\"', ''), ', ')) OR n.nspname IN (session_user, current_user))"
	if err := ask(ctx, q, func(rows *sql.Rows) error { return rows.Scan((*pq.StringArray)(&path)) }); err != nil {
		return nil, err
	}
	err = ask(ctx, othertool.CandidatesFor(tables, path), func(rows *sql.Rows) error {
		var c othertool.Candidate
		err := rows.Scan(&c.Schema, &c.Name, (*pq.StringArray)(&c.Columns))
		found = append(found, c)
		return err
	})
	return found, err
}

// hold keeps a table from becoming another thing while it is read.
func hold(ctx context.Context, ask runner.Asker, h *othertool.History) error {
	return ask(ctx, "LOCK TABLE ONLY "+h.Where()+" IN ACCESS SHARE MODE", nil)
}

func readEntries(ctx context.Context, ask runner.Asker, t tool, h *othertool.History) (all []entry, err error) {
	err = ask(ctx, t.query(h), func(rows *sql.Rows) error {
		var version, name, checksum sql.NullString
		var st string
		var at sql.NullTime
		if err := rows.Scan(&version, &name, &st, &at, &checksum); err != nil {
			return err
		}
		e := entry{version: version.String, name: name.String, state: state(st), checksum: checksum.String}
		if at.Valid {
			e.at = at.Time.Truncate(time.Microsecond)
		}
		all = append(all, e)
		return nil
	})
	if len(all) > mostEntries {
		return nil, refuse(fmt.Sprintf("%s.%s has over %d rows: it is no history", h.In, h.Name, mostEntries), byHand)
	}
	return all, err
}

// unreadable says of an error of the server's that the history cannot be read.
func unreadable(h *othertool.History, err error) error {
	var lost *runner.UnreachableError
	e := pq.As(err)
	switch {
	case err == nil, errors.As(err, &lost), e == nil:
		return err
	case e.Code == pqerror.InsufficientPrivilege:
		grant := "SELECT ON " + h.Where()
		if h.In != "public" {
			grant = "USAGE ON SCHEMA " + pq.QuoteIdentifier(h.In) + ", and " + grant + ","
		}
		return refuse(fmt.Sprintf("the history of %s is in %s.%s, which this role may not read", h.Tool, h.In, h.Name), "let its owner GRANT "+grant+" to this role, or name another --role")
	}
	return refuse(fmt.Sprintf("the history of %s in %s.%s cannot be read: %s", h.Tool, h.In, h.Name, strings.TrimPrefix(e.Message, "pq: ")), byHand)
}
