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
	err := c.UsualRow(ctx, SQL("find_table"), name).Scan(&oid, &here)
	if NoName(err) {
		return nil, c.noTable(ctx, name)
	} else if err != nil {
		return nil, fmt.Errorf("look up table %s: %w", name, err)
	}
	err = c.QueryRow(ctx, SQL("table"), oid, here).Scan(&t.OID, &t.Schema, &t.Name, &t.Partitioned, &t.Partition, &t.HasChildren, &t.Secured, &t.Forced,
		&t.Owned, &t.Owner, &t.Elsewhere, &t.Rows, &t.Bytes, (*pq.StringArray)(&t.Key))
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, c.noTable(ctx, name)
	case err != nil:
		return nil, fmt.Errorf("look up table %s: %w", name, err)
	}
	if err := c.onAllNodes(ctx, t); err != nil {
		return nil, fmt.Errorf("look up the size of table %s on the nodes of the Citus cluster: %w", name, err)
	}
	// As the server has it, since a name like order is no SQL as it was typed.
	if t.As = pgtext.Ident(t.Name); len(pgtext.SplitOutsideQuotes(name, ".")) > 1 {
		t.As = t.Full()
	}
	rows, err := c.usualQuery(ctx, SQL("table_columns"), t.OID)
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
