package templates

import (
	"context"
	"embed"
	"fmt"
	"strings"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"
)

// fitCheck is what shared/fits.sql tests before a column is added: that what
// the rows will have in it fits its type, as in an assignment. A cast would cut
// what is too long, and keep silent.
type fitCheck struct {
	T                *Table
	Type, Expression string
	// Where chooses the rows; all for "". Shown tells of one in messages.
	Where, Shown string
	NotNull      bool
	Says, Hint   string
}

// shared holds what all templates may use.
//
//go:embed shared/*.sql
var shared embed.FS

// unbounded is a type without its length, where a cast to it would cut what is
// longer. The column itself has the length, and refuses. A domain and an array
// cut as their elements do; the assignment makes them of what they are made of.
func (in *Input) unbounded(ctx context.Context, typ string) (as string, err error) {
	oid, err := in.DB.usualType(ctx, typ)
	if err != nil {
		return "", err
	}
	err = in.DB.queryRow(ctx, `
WITH RECURSIVE made (of, brackets) AS (
    SELECT $2::oid, ''
     UNION ALL
    SELECT x.of, m.brackets || x.brackets
      FROM made AS m
      JOIN pg_catalog.pg_type AS t ON t.oid = m.of
     CROSS JOIN LATERAL (VALUES (t.typbasetype, ''), (CASE WHEN t.typcategory = 'A' THEN t.typelem ELSE 0 END, '[]')) AS x (of, brackets)
     WHERE x.of <> 0
       AND NOT (t.typbasetype <> 0 AND x.brackets <> '')
)
SELECT coalesce((SELECT n.plain || m.brackets
                   FROM made AS m
                   JOIN (VALUES ('varchar'::regtype, 'varchar'), ('bpchar', 'text'), ('bit', 'varbit'), ('varbit', 'varbit')) AS n (typ, plain) ON n.typ = m.of), $1)`, typ, oid).Scan(&as)
	return as, err
}

// assigns checks that an expression can be assigned to a column of a type.
func (in *Input) assigns(ctx context.Context, param, typ, expression, from string) error {
	if in.DB == nil {
		return nil
	}
	return in.onTypeProbe(ctx, typ, func() error {
		query := "INSERT INTO pg_temp.rung_probe SELECT (" + expression + ") FROM " + from
		if err := badParam(param, in.Params[param], in.DB.parses(ctx, query)); err != nil {
			return err
		}
		plan := in.DB.Throwaway
		if !plan { // what the server itself computes is no more than the value
			tree, err := in.tree(ctx, expression, from)
			if err == nil {
				plan, err = in.serversOwn(ctx, tree)
			}
			if err != nil {
				return badParam(param, in.Params[param], err)
			}
		}
		if err := in.DB.exec(ctx, "SET TRANSACTION READ ONLY"); err != nil {
			return err
		}
		if plan {
			if err := badParam(param, in.Params[param], in.DB.one(ctx, "EXPLAIN "+query)); err != nil {
				return err
			}
		}
		return in.isOne(ctx, param, expression, from)
	})
}

// mayDefault checks that the parameter default can be that of a column of a type.
func (in *Input) mayDefault(ctx context.Context, typ string) error {
	value := in.Params["default"]
	if in.DB == nil || value == "" {
		return nil
	}
	return in.DB.rolledBack(ctx, func() error {
		if err := in.DB.one(ctx, "CREATE TEMP TABLE rung_probe (c "+typ+")"); err != nil {
			return badParam("type", typ, err)
		}
		err := badParam("default", value, in.DB.one(ctx, "ALTER TABLE pg_temp.rung_probe ALTER COLUMN c SET DEFAULT ("+value+")"))
		return firstOf(err, in.isOne(ctx, "default", value, "(VALUES (1)) AS nothing"))
	})
}

// isOne refuses a list, like 1,5: in the parentheses of a probe it is a row, which
// a text can be made of, and in the file it is a syntax error or another clause.
// What else is wrong with the expression others find. It wants a transaction.
func (in *Input) isOne(ctx context.Context, param, expression, from string) error {
	e := pq.As(in.DB.parses(ctx, "SELECT pg_catalog.pg_typeof("+expression+") FROM "+from))
	if e == nil || e.Code != pqerror.UndefinedFunction || !strings.HasPrefix(e.Message, "function pg_catalog.pg_typeof(") {
		return nil
	}
	return &Mistake{fmt.Sprintf("%s=%s is a list, and not one value", param, in.Params[param]), "write 1.5 with a dot, and a text in quotes: 'a, b'"}
}

// ofOneRow refuses what an UPDATE would: aggregates, window functions and sets.
func (in *Input) ofOneRow(ctx context.Context, param, expression, from string) error {
	return in.compiles(ctx, param, "SELECT FROM "+from+" WHERE ("+expression+") IS NULL")
}
