package templates

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/lib/pq"

	"rung/internal/pgtext"
)

//go:embed queries/enum*.sql
var enumQueries embed.FS

// family stands for :family in a catalog query: a table ($1) and those that have
// their columns from it, at whatever distance.
const family = `family (oid) AS (
    SELECT $1::oid
     UNION
    SELECT h.inhrelid
      FROM family AS f
      JOIN pg_catalog.pg_inherits AS h ON h.inhparent = f.oid
)`

// enumSQL is one of the catalog queries.
func enumSQL(name string) string {
	text, err := enumQueries.ReadFile("queries/enum_" + name + ".sql")
	if err != nil {
		panic(err) // it is embedded: a name that is not there cannot have been tested
	}
	return usersOptions.ReplaceAllString(strings.ReplaceAll(string(text), ":family", family), optionsSQL)
}

// usersOptions stands for the settings of a column that a user made, as text, or
// NULL: :options(attoptions) in a query.
var usersOptions = regexp.MustCompile(`:options\(([a-z.]+)\)`)

// optionsSQL leaves out what the server keeps for itself among a column's settings,
// and pg_dump does not print: pg_attver, another number after each change, is in
// security releases of 13 November 2026. No user can set what begins with pg_.
const optionsSQL = `(SELECT pg_catalog.string_agg(o, ', ' ORDER BY o) FROM pg_catalog.unnest($1) AS o WHERE NOT pg_catalog.starts_with(o, 'pg_'))`

// Enum is an enum type.
type Enum struct {
	OID, Array   uint32
	Schema, Name string
	// As is the name as the user gave it; Full has the schema.
	As, Full string
	Owned    bool
	Owner    string
	Labels   []string
	Columns  []EnumColumn
}

// EnumColumn is a column whose values are labels, or arrays of them.
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
	err := c.usualRow(ctx, "SELECT t.oid, pg_catalog.pg_type_is_visible(t.oid) FROM (SELECT pg_catalog.to_regtype($1)::pg_catalog.oid) AS t (oid)", name).Scan(&oid, &visible)
	if err == nil {
		err = c.queryRow(ctx, enumSQL("type"), oid).Scan(&e.OID, &e.Array, &e.Schema, &e.Name, &kind, &e.Owned, &e.Owner, (*pq.StringArray)(&e.Labels))
	}
	switch {
	case errors.Is(err, sql.ErrNoRows), noName(err):
		return nil, c.noEnum(ctx, name)
	case err != nil:
		return nil, fmt.Errorf("look up type %s: %w", name, err)
	case kind != "e":
		return nil, &Mistake{fmt.Sprintf("%s is %s, not an enum type", name, typeKinds[kind]), "give the enum type itself"}
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
	return list(ctx, c, func(rows *sql.Rows) (k EnumColumn, err error) {
		err = rows.Scan(&k.Table, &k.Schema, &k.Name, &k.Column, &k.Number, &k.Array, &k.Owned, &k.Owner, &k.Bytes, &k.Rows, &k.Generated, &k.Forced, &k.Temporary)
		return k, err
	}, strings.Replace(enumSQL("columns"), ":size", sizeSQL, 1), e.OID, e.Array)
}

func (c *Catalog) noEnum(ctx context.Context, name string) error {
	path, err := c.usualPath(ctx)
	if err != nil {
		return err
	}
	known, err := c.strings(ctx, enumSQL("types"), pq.Array(path))
	if err != nil {
		return err
	}
	return unknown("enum type", name, known)
}

// list runs a query and reads its rows.
func list[T any](ctx context.Context, c *Catalog, scan func(*sql.Rows) (T, error), query string, args ...any) ([]T, error) {
	rows, err := c.query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

func scanString(rows *sql.Rows) (s string, err error) {
	err = rows.Scan(&s)
	return s, err
}

// MayAlter refuses a type that the role may not alter.
func (e *Enum) MayAlter() error {
	if e.Owned {
		return nil
	}
	return &Mistake{fmt.Sprintf("this role does not own %s; its owner is %s", e.As, e.Owner), "connect as its owner, or use --role"}
}

// mustLast refuses tables that a file cannot name: they are one session's, this
// one's or another's, and gone before it runs elsewhere.
func (e *Enum) mustLast() error {
	for _, c := range e.Columns {
		if c.Temporary {
			return &Mistake{fmt.Sprintf("the temporary table %s has the type", c.TableAs()), "try again when its session has ended or dropped it"}
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
