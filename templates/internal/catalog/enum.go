package catalog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/lib/pq"

	"rung/internal/pgtext"
	"rung/templates/internal/mistake"
	"rung/templates/internal/sqltext"
)

// Enum is an enum type.
type Enum struct {
	OID, Array   uint32
	Schema, Name string
	// As is the name as the user gave it; Full has the schema.
	As, Full string
	Owned    bool
	Owner    string
	Values   []string
	Columns  []EnumColumn
}

// EnumColumn is a column whose values are values, or arrays of them.
type EnumColumn struct {
	Table  uint32
	Schema string
	Name   string // the table's
	Column string
	Number int
	Array  bool
	Owned  bool
	Owner  string
	// Bytes and Rows are as Table has them.
	Bytes, Rows int64
	Generated   bool
	// Forced is true where the table's row security binds the owner too.
	Forced bool
	// Temporary is true where the table is gone when its session is.
	Temporary bool
}

// TableAs is the table's name with its schema, as SQL.
func (c EnumColumn) TableAs() string { return pgtext.Ident(c.Schema) + "." + pgtext.Ident(c.Name) }

// String names the column for a person.
func (c EnumColumn) String() string { return c.TableAs() + "." + pgtext.Ident(c.Column) }

// Enum finds an enum type by the name that a user typed.
func (c *Catalog) Enum(ctx context.Context, name string) (*Enum, error) {
	e := &Enum{}
	var kind string
	var visible sql.NullBool
	var oid sql.NullInt64
	err := c.UsualRow(ctx, SQL("find_enum"), name).Scan(&oid, &visible)
	if err == nil {
		err = c.QueryRow(ctx, SQL("type"), oid).Scan(&e.OID, &e.Array, &e.Schema, &e.Name, &kind, &e.Owned, &e.Owner, (*pq.StringArray)(&e.Values))
	}
	switch {
	case errors.Is(err, sql.ErrNoRows), NoName(err):
		return nil, c.noEnum(ctx, name)
	case err != nil:
		return nil, fmt.Errorf("look up type %s: %w", name, err)
	case kind != "e":
		return nil, mistake.New(fmt.Sprintf("%s is %s, not an enum type", name, typeKinds[kind]), "give the enum type itself")
	}
	e.Full = pgtext.Ident(e.Schema) + "." + pgtext.Ident(e.Name)
	if e.As = pgtext.Ident(e.Name); !visible.Bool || strings.Contains(name, ".") {
		e.As = e.Full
	}
	e.Columns, err = c.enumColumns(ctx, e)
	return e, err
}

var typeKinds = map[string]string{
	"b": "a base type or an array", "c": "a composite type", "d": "a domain", "p": "a pseudo-type", "r": "a range type", "m": "a multirange type",
}

func (c *Catalog) enumColumns(ctx context.Context, e *Enum) ([]EnumColumn, error) {
	return List(ctx, c, func(rows *sql.Rows) (k EnumColumn, err error) {
		err = rows.Scan(&k.Table, &k.Schema, &k.Name, &k.Column, &k.Number, &k.Array, &k.Owned, &k.Owner, &k.Bytes, &k.Rows, &k.Generated, &k.Forced, &k.Temporary)
		return k, err
	}, SQL("columns"), e.OID, e.Array)
}

// MayAlter refuses a type that the role may not alter.
func (e *Enum) MayAlter() error {
	if e.Owned {
		return nil
	}
	return mistake.New(fmt.Sprintf("this role does not own %s; its owner is %s", e.As, e.Owner), "connect as its owner, or use --role")
}

// MustLast refuses tables that a file cannot name: they are one session's, this
// one's or another's, and gone before it runs elsewhere.
func (e *Enum) MustLast() error {
	for _, c := range e.Columns {
		if c.Temporary {
			return mistake.New(fmt.Sprintf("the temporary table %s has the type", c.TableAs()), "try again when its session has ended or dropped it")
		}
	}
	return nil
}

// Bytes and Rows are those of all tables that have the type; -1 rows where those
// of one are not known.
func (e *Enum) Bytes() (bytes, rows int64) {
	seen := map[uint32]bool{}
	counted := true
	for _, c := range e.Columns {
		if !seen[c.Table] {
			bytes, rows = bytes+c.Bytes, rows+c.Rows
			counted = counted && c.Rows >= 0
		}
		seen[c.Table] = true
	}
	if !counted {
		return bytes, -1
	}
	return bytes, rows
}

// ValuesWithRows counts the rows that bear one of the values, by value and column.
func (e *Enum) ValuesWithRows(ctx context.Context, db *Catalog, values []string) ([]string, error) {
	var found []string
	for _, col := range e.Columns {
		value, from := "t."+pgtext.Ident(col.Column), col.TableAs()+" AS t"
		if col.Array {
			value, from = "l.label", from+" CROSS JOIN unnest(t."+pgtext.Ident(col.Column)+") AS l (label)"
		}
		query := fmt.Sprintf("SELECT %s::text, count(*) FROM %s WHERE %[1]s::text IN (%[3]s) GROUP BY 1 ORDER BY 1", value, from, sqltext.Join(values, pgtext.Literal))
		counts, err := List(ctx, db, func(rows *sql.Rows) (string, error) {
			var is string
			var n int64
			err := rows.Scan(&is, &n)
			return fmt.Sprintf("%d of %s are %s", n, col, pgtext.Literal(is)), err
		}, query)
		if err != nil {
			return nil, fmt.Errorf("count rows of %s: %w", col, err)
		}
		found = append(found, counts...)
	}
	return found, nil
}

// Tables are those that have columns of the type.
func (e *Enum) Tables() []uint32 {
	var all []uint32
	for _, c := range e.Columns {
		all = append(all, c.Table)
	}
	return all
}
