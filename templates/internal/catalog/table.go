package catalog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/lib/pq"

	"rung/internal/pgtext"
	"rung/templates/internal/mistake"
)

// Table is what templates want to know of a table.
type Table struct {
	OID          uint32
	Schema, Name string
	// As is the name as SQL, with its schema where the user gave that.
	As          string
	Partitioned bool
	// Elsewhere is true where a new object without a schema would come into another
	// schema than the table's: it is found, but further along the search_path.
	Elsewhere bool
	// Partition is true for a partition of another table; Children for one that
	// others inherit from.
	Partition, HasChildren bool
	// Secured is true where row security is on; Forced where it binds the owner too.
	Secured, Forced bool
	// Owned is true when the role may alter the table.
	Owned bool
	Owner string
	// Rows is the planner's guess, of all partitions; -1 where one that holds
	// something was never analyzed. Bytes is their size with indexes and TOAST.
	Rows, Bytes int64
	Columns     []Column
	// Key are the columns of the primary key, or of another unique index over
	// one or two NOT NULL columns; empty when there is none.
	Key []string
	// Offline is true for a table that nobody has looked at.
	Offline bool
}

// Column is one column of a table.
type Column struct {
	Name, Type string
	NotNull    bool
	Default    string // "" for none; the expression of a generated column too
	Generated  bool
	Identity   bool
}

// Table finds a table by the name that a user typed: name, schema.name, with
// quotes where SQL wants them.
func (c *Catalog) Table(ctx context.Context, name string) (*Table, error) {
	t := &Table{}
	var oid sql.NullInt64
	var here sql.NullString
	err := c.UsualRow(ctx, "SELECT pg_catalog.to_regclass($1)::pg_catalog.oid, pg_catalog.current_schema()", name).Scan(&oid, &here)
	if NoName(err) {
		return nil, c.noTable(ctx, name)
	} else if err != nil {
		return nil, fmt.Errorf("look up table %s: %w", name, err)
	}
	err = c.QueryRow(ctx, TableSQL, oid, here).Scan(&t.OID, &t.Schema, &t.Name, &t.Partitioned, &t.Partition, &t.HasChildren, &t.Secured, &t.Forced,
		&t.Owned, &t.Owner, &t.Elsewhere, &t.Rows, &t.Bytes, (*pq.StringArray)(&t.Key))
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, c.noTable(ctx, name)
	case err != nil:
		return nil, fmt.Errorf("look up table %s: %w", name, err)
	}
	// As the server has it, since a name like order is no SQL as it was typed.
	if t.As = pgtext.Ident(t.Name); len(pgtext.SplitOutsideQuotes(name, ".")) > 1 {
		t.As = t.Full()
	}
	rows, err := c.usualQuery(ctx, ColumnsSQL, t.OID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var col Column
		if err := rows.Scan(&col.Name, &col.Type, &col.NotNull, &col.Default, &col.Generated, &col.Identity); err != nil {
			return nil, err
		}
		t.Columns = append(t.Columns, col)
	}
	return t, rows.Err()
}

const TableSQL = `
SELECT c.oid, n.nspname, c.relname, c.relkind = 'p', c.relispartition,
       c.relkind = 'r' AND EXISTS (SELECT FROM pg_catalog.pg_inherits AS h WHERE h.inhparent = c.oid),
       c.relrowsecurity, c.relrowsecurity AND c.relforcerowsecurity, pg_catalog.pg_has_role(c.relowner, 'USAGE'), pg_catalog.pg_get_userbyid(c.relowner),
       n.nspname IS DISTINCT FROM $2,
       size.rows, size.bytes,
       coalesce((SELECT array_agg(a.attname::text ORDER BY k.n)
                   FROM (SELECT i.indexrelid, i.indkey FROM pg_catalog.pg_index AS i
                          WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
                            AND (i.indisprimary OR i.indnkeyatts <= 2)
                            AND NOT EXISTS (SELECT FROM pg_catalog.pg_attribute AS a
                                             WHERE a.attrelid = c.oid AND a.attnum = ANY (i.indkey::int2[]) AND NOT a.attnotnull)
                          ORDER BY i.indnkeyatts <= 2 DESC, i.indisprimary DESC, i.indnkeyatts, i.indexrelid LIMIT 1) AS i
                  CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, n)
                   JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = k.attnum
                  WHERE k.n <= (SELECT x.indnkeyatts FROM pg_catalog.pg_index AS x WHERE x.indexrelid = i.indexrelid)), '{}')
  FROM pg_catalog.pg_class AS c
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 CROSS JOIN LATERAL (` + SizeSQL + `) AS size
 WHERE c.oid = $1 AND c.relkind IN ('r', 'p')`

// SizeSQL is the size of table c with its partitions and children. A partitioned table
// itself has neither rows nor pages, and of its rows only an ANALYZE by hand keeps
// count.
const SizeSQL = `
WITH RECURSIVE part (oid) AS (
    SELECT c.oid
     UNION
    SELECT h.inhrelid
      FROM pg_catalog.pg_inherits AS h
      JOIN part ON part.oid = h.inhparent
)
SELECT CASE WHEN bool_or(p.reltuples < 0 AND pg_catalog.pg_relation_size(p.oid) > 0)
            THEN -1
            ELSE coalesce(sum(greatest(p.reltuples, 0)), 0)
       END::bigint AS rows,
       coalesce(sum(pg_catalog.pg_total_relation_size(p.oid)), 0)::bigint AS bytes
  FROM part
  JOIN pg_catalog.pg_class AS p ON p.oid = part.oid AND p.relkind <> 'p'`

// ColumnsSQL names types and functions as they are named where the files will run.
const ColumnsSQL = `
SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull,
       coalesce(pg_catalog.pg_get_expr(d.adbin, d.adrelid), ''),
       a.attgenerated OPERATOR(pg_catalog.<>) ''::pg_catalog."char", a.attidentity OPERATOR(pg_catalog.<>) ''::pg_catalog."char"
  FROM pg_catalog.pg_attribute AS a
  LEFT JOIN pg_catalog.pg_attrdef AS d ON d.adrelid OPERATOR(pg_catalog.=) a.attrelid AND d.adnum OPERATOR(pg_catalog.=) a.attnum
 WHERE a.attrelid OPERATOR(pg_catalog.=) $1::pg_catalog.oid
   AND a.attnum OPERATOR(pg_catalog.>) 0::pg_catalog.int2
   AND NOT a.attisdropped
 ORDER BY a.attnum`

// Column finds a column by its name.
func (t *Table) Column(name string) (*Column, error) {
	if t.Offline {
		return &Column{Name: name}, nil
	}
	var known []string
	for i := range t.Columns {
		if t.Columns[i].Name == name {
			return &t.Columns[i], nil
		}
		known = append(known, t.Columns[i].Name)
	}
	return nil, mistake.Unknown("column of "+t.As, name, known)
}
