package templates

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// newDefault works out what becomes of the default. A cast of the values is one
// of the default, too; what an expression for the values means for it, only the
// person knows who gave that.
func (c *conversion) newDefault(ctx context.Context, in *Input) error {
	nothing := "(VALUES (1)) AS nothing"
	if c.def != "" {
		return in.assigns(ctx, "default", c.typ, c.def, nothing)
	}
	if c.col.Default == "" {
		return nil
	}
	name := c.t.As + "." + Ident(c.col.Name)
	if c.forthSaid {
		return &Mistake{
			fmt.Sprintf("value=%s says what becomes of the values of %s, and not of its default, %s", c.forth, name, c.col.Default),
			"give the new one by --set default=…",
		}
	}
	c.def = c.col.Default
	if !number.MatchString(c.def) {
		typ, err := in.unbounded(ctx, c.typ)
		if err != nil {
			return err
		}
		c.def = "(" + c.def + ")::" + typ
	}
	err := in.assigns(ctx, "default", c.typ, c.def, nothing)
	if m := (*Mistake)(nil); errors.As(err, &m) {
		return &Mistake{fmt.Sprintf("the default of %s, %s, does not become %s: %s", name, c.col.Default, c.typ, strings.TrimPrefix(m.What, "default=: ")), "give the new one by --set default=…"}
	}
	return err
}
