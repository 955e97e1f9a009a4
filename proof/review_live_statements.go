package proof

import (
	"context"
	"database/sql"
	_ "embed"
	"encoding/json"
	"errors"
	"strings"

	"github.com/lib/pq"

	"rung/internal/lazyre"
	"rung/internal/pgtext"
	"rung/internal/secret"
)

//go:embed sql/live_statements.sql
var liveStatementsSQL string

// LiveStatement is a statement of the programs that use a relation, as
// pg_stat_statements has it.
type LiveStatement struct {
	Query string `json:"query"`
	// CallsPerSecond is how often it is called, on the average since the
	// extension's counters were reset.
	CallsPerSecond float64 `json:"calls_per_second"`
}

// mostStatements is how many statements are told of a relation.
const mostStatements = 3

// statements adds to the relations what names them, most called first. A server
// without the extension, or that does not show it to the role, tells nothing.
func (l *liveDatabase) statements(ctx context.Context, asked map[int64]*relation, all map[int64]*LiveRelation) error {
	var schema string
	err := l.read(ctx, func(conn *sql.Conn) error {
		err := conn.QueryRowContext(ctx, "SELECT n.nspname FROM pg_catalog.pg_extension AS e JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace WHERE e.extname = 'pg_stat_statements'").Scan(&schema)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	})
	if err != nil || schema == "" {
		return err
	}
	err = l.read(ctx, func(conn *sql.Conn) error {
		rows, err := conn.QueryContext(ctx, strings.ReplaceAll(liveStatementsSQL, "SCHEMA", pgtext.Ident(schema)))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var s LiveStatement
			if err := rows.Scan(&s.Query, &s.CallsPerSecond); err != nil {
				return err
			}
			for oid, r := range all {
				if len(r.Statements) < mostStatements && ofProgram.MatchString(s.Query) && namedIn(s.Query, asked[oid].Name) {
					r.Statements = append(r.Statements, LiveStatement{secret.Mask(shortSQL(s.Query, 200)), s.CallsPerSecond})
				}
			}
		}
		return rows.Err()
	})
	if pq.As(err) != nil && ctx.Err() == nil {
		return nil // the library is not loaded, or the view is not the role's to read
	}
	return err
}

// ofProgram finds what reads or writes rows.
var ofProgram = lazyre.New(`(?i)^\s*(SELECT|INSERT|UPDATE|DELETE|MERGE|WITH|COPY)\b`)

// expected asks the live planner how many rows a statement writes of a table; nil
// where it does not say: what an earlier pending statement makes is not there yet,
// and a role that only reads may not plan a write.
func (l *liveDatabase) expected(ctx context.Context, text string, table *relation) (*int64, error) {
	var plan []byte
	err := l.read(ctx, func(conn *sql.Conn) error {
		if _, err := conn.ExecContext(ctx, "SET LOCAL search_path TO "+l.searchPath()); err != nil {
			return err
		}
		return conn.QueryRowContext(ctx, "EXPLAIN (VERBOSE, FORMAT JSON) "+text).Scan(&plan)
	})
	if err != nil {
		if pq.As(err) != nil && ctx.Err() == nil {
			err = nil
		}
		return nil, err
	}
	var plans []struct{ Plan planNode }
	if json.Unmarshal(plan, &plans) != nil || len(plans) == 0 {
		return nil, nil
	}
	return plans[0].Plan.written(l.schemaOf(table), table.Name), nil
}

// written is how many rows the planner expects to be written of a table.
func (p planNode) written(schema, table string) *int64 {
	if p.Type == "ModifyTable" && p.Operation != "Insert" && p.Schema == schema && p.Relation == table && len(p.Plans) > 0 {
		var n int64
		for _, child := range p.Plans { // one for each partition before 14
			n += int64(child.Rows)
		}
		return &n
	}
	for _, child := range p.Plans {
		if n := child.written(schema, table); n != nil {
			return n
		}
	}
	return nil
}
