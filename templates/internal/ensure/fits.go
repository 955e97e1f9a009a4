package ensure

import (
	"context"
	"fmt"
	"strings"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"rung/templates/internal/catalog"
	"rung/templates/internal/mistake"
	"rung/templates/internal/task"
)

// Unbounded is a type without its length, where a cast to it would cut what is
// longer. The column itself has the length, and refuses. A domain and an array
// cut as their elements do; the assignment makes them of what they are made of.
func Unbounded(ctx context.Context, in *task.Input, typ string) (as string, err error) {
	oid, err := in.DB.UsualType(ctx, typ)
	if err != nil {
		return "", err
	}
	err = in.DB.QueryRow(ctx, catalog.SQL("type_unbounded"), typ, oid).Scan(&as)
	return as, err
}

// Assigns checks that an expression can be assigned to a column of a type.
func Assigns(ctx context.Context, in *task.Input, param, typ, expression, from string) error {
	if in.DB == nil {
		return nil
	}
	return OnTypeProbe(ctx, in, typ, func() error {
		query := "INSERT INTO pg_temp.rung_probe SELECT (" + expression + ") FROM " + from
		if err := BadParam(param, in.Params[param], in.DB.Parses(ctx, query)); err != nil {
			return err
		}
		plan := in.DB.Throwaway
		if !plan { // what the server itself computes is no more than the value
			tree, err := Tree(ctx, in, expression, from)
			if err == nil {
				plan, err = serversOwn(ctx, in, tree)
			}
			if err != nil {
				return BadParam(param, in.Params[param], err)
			}
		}
		if err := in.DB.Exec(ctx, "SET TRANSACTION READ ONLY"); err != nil {
			return err
		}
		if plan {
			if err := BadParam(param, in.Params[param], in.DB.One(ctx, "EXPLAIN "+query)); err != nil {
				return err
			}
		}
		return isOne(ctx, in, param, expression, from)
	})
}

// MayDefault checks that the parameter default can be that of a column of a type.
func MayDefault(ctx context.Context, in *task.Input, typ string) error {
	value := in.Params["default"]
	if in.DB == nil || value == "" {
		return nil
	}
	return in.DB.RolledBack(ctx, func() error {
		if err := in.DB.One(ctx, "CREATE TEMP TABLE rung_probe (c "+typ+")"); err != nil {
			return BadParam("type", typ, err)
		}
		err := BadParam("default", value, in.DB.One(ctx, "ALTER TABLE pg_temp.rung_probe ALTER COLUMN c SET DEFAULT ("+value+")"))
		return mistake.FirstOf(err, isOne(ctx, in, "default", value, "(VALUES (1)) AS nothing"))
	})
}

// isOne refuses a list, like 1,5: in the parentheses of a probe it is a row, which
// a text can be made of, and in the file it is a syntax error or another clause.
// What else is wrong with the expression others find. It wants a transaction.
func isOne(ctx context.Context, in *task.Input, param, expression, from string) error {
	e := pq.As(in.DB.Parses(ctx, "SELECT pg_catalog.pg_typeof("+expression+") FROM "+from))
	if e == nil || e.Code != pqerror.UndefinedFunction || !strings.HasPrefix(e.Message, "function pg_catalog.pg_typeof(") {
		return nil
	}
	return mistake.New(fmt.Sprintf("%s=%s is a list, and not one value", param, in.Params[param]), "write 1.5 with a dot, and a text in quotes: 'a, b'")
}

// OfOneRow refuses what an UPDATE would: aggregates, window functions and sets.
func OfOneRow(ctx context.Context, in *task.Input, param, expression, from string) error {
	return Compiles(ctx, in, param, "SELECT FROM "+from+" WHERE ("+expression+") IS NULL")
}
