package retype

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/lib/pq"

	"rung/internal/pgtext"
	"rung/templates/internal/catalog"
	"rung/templates/internal/ensure"
	"rung/templates/internal/mistake"
	"rung/templates/internal/sqltext"
	"rung/templates/internal/task"
)

// newDefault works out what becomes of the default. A cast of the values is one
// of the default, too; what an expression for the values means for it, only the
// person knows who gave that.
func (c *conversion) newDefault(ctx context.Context, in *task.Input) error {
	nothing := "(VALUES (1)) AS nothing"
	if c.def != "" {
		return ensure.Assigns(ctx, in, "default", c.typ, c.def, nothing)
	}
	if c.col.Default == "" {
		return nil
	}
	name := c.t.As + "." + pgtext.Ident(c.col.Name)
	if c.forthSaid {
		return mistake.New(
			fmt.Sprintf("value=%s says what becomes of the values of %s, and not of its default, %s", c.forth, name, c.col.Default),
			"give the new one by --set default=…",
		)
	}
	c.def = c.col.Default
	if !sqltext.Number.MatchString(c.def) {
		typ, err := ensure.Unbounded(ctx, in, c.typ)
		if err != nil {
			return err
		}
		c.def = "(" + c.def + ")::" + typ
	}
	err := ensure.Assigns(ctx, in, "default", c.typ, c.def, nothing)
	if m := (*mistake.Mistake)(nil); errors.As(err, &m) {
		return mistake.New(fmt.Sprintf("the default of %s, %s, does not become %s: %s", name, c.col.Default, c.typ, strings.TrimPrefix(m.What, "default=: ")), "give the new one by --set default=…")
	}
	return err
}

// takesNull refuses a type that a column without a value cannot have. A domain's
// own default would come into all rows at once, and none of them be filled.
func takesNull(ctx context.Context, in *task.Input, typ string) error {
	fix := "make a domain without that; NOT NULL and the default can be the column's"
	oid, err := in.DB.UsualType(ctx, typ)
	if err != nil {
		return ensure.BadParam("type", typ, err)
	}
	composite, err := in.DB.Strings(ctx, catalog.SQL("type_composites"), oid)
	if err != nil {
		return err
	}
	if len(composite) > 0 {
		return mistake.Refusef("%s is a composite type: a value of it with a NULL inside is neither NULL nor NOT NULL, and would be passed over", typ)
	}
	// Not computed: it may call anything, as a sequence that no ROLLBACK sets back.
	defaults, err := in.DB.Strings(ctx, catalog.SQL("type_default"), oid)
	if err != nil {
		return err
	}
	if len(defaults) > 0 {
		return mistake.New(fmt.Sprintf("%s has a default of its own, and the second column must be NULL until it is filled", typ), fix)
	}
	return in.DB.RolledBack(ctx, func() error {
		if err := in.DB.Exec(ctx, "CREATE TEMP TABLE rung_probe (c "+typ+")"); err != nil {
			return ensure.BadParam("type", typ, err)
		}
		err := in.DB.Exec(ctx, "SET TRANSACTION READ ONLY")
		if err == nil {
			err = in.DB.Exec(ctx, "INSERT INTO pg_temp.rung_probe VALUES (NULL)")
		}
		if e := pq.As(err); e != nil {
			return mistake.New(fmt.Sprintf("the second column is NULL until it is filled, and %s takes none: %s", typ, e.Message), fix)
		}
		return err
	})
}
