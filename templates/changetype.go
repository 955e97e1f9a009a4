package templates

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"rung/internal/pgtext"
)

func lookChangeType(ctx context.Context, in *Input) (map[string]any, error) {
	if err := in.mustLook(); err != nil {
		return nil, err
	}
	t, err := in.table(ctx)
	if err != nil {
		return nil, err
	}
	col, err := t.Column(in.Params["column"])
	if err != nil {
		return nil, err
	}
	if err := firstOf(t.MayFollow(), in.typeOf(ctx, "type"), in.plainColumn(ctx, t, col)); err != nil {
		return nil, err
	}
	c := &conversion{t: t, col: col, typ: in.Params["type"], forth: in.Params["value"], back: in.Params["back"], def: in.Params["default"]}
	if err := c.zoned(ctx, in); err != nil {
		return nil, err
	}
	direct, d, err := c.way(ctx, in)
	if err != nil {
		return nil, err
	}
	if direct {
		return d.look(ctx, in)
	}
	return c.online(ctx, in)
}

// online is the way by a second column.
func (c *conversion) online(ctx context.Context, in *Input) (map[string]any, error) {
	t, col := c.t, c.col
	key, err := t.BatchKey()
	if err != nil {
		return nil, err
	}
	fresh, old := Name(col.Name, "new"), Name(col.Name, "old")
	follow, check := Name(t.Name, col.Name, "follow"), Name(t.Name, col.Name, "new_is_not_null")
	if err := firstOf(t.freeColumn(fresh), t.freeColumn(old),
		in.free(ctx, t, follow), in.freeTrigger(ctx, t, follow), in.freeConstraint(ctx, t, check), in.partitionsAgree(ctx, t, col),
		in.takesNull(ctx, c.typ), in.takesNull(ctx, col.Type), c.complete(ctx, in)); err != nil {
		return nil, err
	}
	trigger, err := in.lastToFire(ctx, t, follow)
	if err != nil {
		return nil, err
	}
	dressFresh, dressOld, collation, err := in.dress(ctx, t, col.Name, fresh, old)
	if err != nil {
		return nil, err
	}
	if err := firstOf(c.comparable(ctx, in), c.collate(ctx, in, collation)); err != nil {
		return nil, err
	}
	all, err := c.carries(ctx, in, fresh)
	if err != nil {
		return nil, err
	}
	indexes, err := in.shadowIndexes(ctx, c, fresh, old)
	if err != nil {
		return nil, err
	}
	in.Sayf("%s: %s; in batches over %s, while a trigger keeps the second column right", t.As, in.about(t.Rows), key)
	in.Sayf("%s becomes %s: %s; and back: %s", col.Type, c.typ, c.forth, c.back)
	in.preparedFail(t.As + "." + pgtext.Ident(col.Name))
	in.Sayf("locks: ACCESS EXCLUSIVE on %s for a moment, several times; the rows of one batch at a time", t.As)
	data := map[string]any{
		"column": col.Name,
		"t":      t, "key": key, "fresh": pgtext.Ident(fresh), "old": pgtext.Ident(old), "new_type": c.typ + c.collation, "forth": c.forth, "back": c.back,
		"old_type": col.Type + collation, "dress_fresh": dressFresh, "dress_old": dressOld, "old_default": col.Default, "new_default": c.def, "required": col.NotNull, "check": check,
		"indexes": indexes, "carried": all, "function": t.Beside(follow), "trigger": trigger,
	}
	return data, firstOf(c.bothWays(ctx, in, data, indexes), in.sayFired(ctx, t, fresh), in.sayPublished(ctx, "a column", t.OID))
}

// bothWays adds what the files say once for each direction.
func (c *conversion) bothWays(ctx context.Context, in *Input, data map[string]any, indexes []shadowIndex) error {
	ahead, err := c.meets(ctx, in, indexes, c.col.Type, c.typ)
	if err != nil {
		return err
	}
	again, err := c.meets(ctx, in, indexes, c.typ, c.col.Type)
	if err != nil {
		return err
	}
	forward, backward := maps.Clone(data), maps.Clone(data)
	maps.Copy(forward, map[string]any{
		"to": data["fresh"], "expression": c.forth, "some": c.some(c.forth, c.forthSaid), "fits": c.fitsForth(),
		"uniques": ahead, "converted": c.converted(c.typ, c.forth),
		"there_and_back": c.thereAndBack, "as_text": c.oldAsText, "until": "the contract drops them",
	})
	maps.Copy(backward, map[string]any{
		"to": data["old"], "expression": c.back, "some": c.some(c.back, c.backSaid), "fits": c.fitsBack(),
		"uniques": again, "converted": c.converted(c.col.Type, c.back),
		"there_and_back": c.backAndThere, "as_text": c.newAsText, "until": "the down migration drops the column",
	})
	data["forward"], data["backward"] = forward, backward
	return nil
}

// conversion is how a value becomes one of the new type, and back.
type conversion struct {
	t                *Table
	col              *Column
	typ              string
	forth, back, def string
	// thereAndBack is a value that went to the new type and back, and
	// backAndThere one of the new type that went the other way. What follows a value of either type to compare it is its AsText.
	thereAndBack, backAndThere string
	oldAsText, newAsText       string
	// forthSaid and backSaid are true where a person said how; a cast makes NULL
	// of NULL and of nothing else.
	forthSaid, backSaid bool
	collation           string // the new column's; "" for that of its type
	// utc is true where times with a zone and without become each other under TimeZone UTC.
	utc bool
	// completed is true once complete was called.
	completed bool
}

// some chooses the rows for which there is a value.
func (c *conversion) some(expression string, said bool) string {
	if said && !c.col.NotNull {
		return "(" + expression + ") IS NOT NULL"
	}
	return pgtext.Ident(c.col.Name) + " IS NOT NULL"
}

// fitsForth is what every value must pass before anything is changed.
func (c *conversion) fitsForth() []fitCheck {
	f := c.fits(c.typ, c.forth, "", "Fix the rows, or say how by --set value=…")
	f.NotNull = true
	return c.andNulls(f, c.forthSaid)
}

// fitsBack is the same for the down migration, where NULL may be what a person said.
func (c *conversion) fitsBack() []fitCheck {
	f := c.fits(c.col.Type, c.back, " again", "Fix the rows first.")
	f.NotNull = c.col.NotNull || !c.backSaid
	return c.andNulls(f, c.backSaid)
}

// andNulls adds the rows without a value, which an expression that a person gave
// may make something of, or fail at.
func (c *conversion) andNulls(f fitCheck, said bool) []fitCheck {
	if !said || c.col.NotNull {
		return []fitCheck{f}
	}
	nulls := f
	nulls.Where, nulls.NotNull = pgtext.Ident(c.col.Name)+" IS NULL", false
	return []fitCheck{f, nulls}
}

func (c *conversion) fits(typ, expression, again, hint string) fitCheck {
	name := pgtext.Ident(c.col.Name)
	return fitCheck{
		T: c.t, Type: typ, Expression: expression, Where: name + " IS NOT NULL",
		Shown: c.t.Row("") + " || ': ' || coalesce(left(" + name + "::text, 60), 'NULL')",
		Says:  " values of " + c.t.As + "." + name + " do not become " + typ + again, Hint: hint,
	}
}

// comparable finds out how values of both types are compared.
func (c *conversion) comparable(ctx context.Context, in *Input) (err error) {
	if c.oldAsText, err = in.compareAs(ctx, c.col.Type); err == nil {
		c.newAsText, err = in.compareAs(ctx, c.typ)
	}
	return err
}

// collate keeps the column's collation, where the new type takes one. One that
// the type brings would stand against it in each comparison.
func (c *conversion) collate(ctx context.Context, in *Input, collation string) error {
	var takes, own bool
	typ, err := in.DB.usualType(ctx, c.typ)
	if err != nil {
		return err
	}
	err = in.DB.queryRow(ctx, `
SELECT t.typcollation <> 0, t.typcollation NOT IN (0, s.typcollation)
  FROM pg_catalog.pg_type AS t, pg_catalog.pg_type AS s
 WHERE t.oid = $1 AND s.oid = 'text'::regtype`, typ).Scan(&takes, &own)
	switch {
	case err != nil || collation == "" || !takes:
		return err
	case own:
		return &Mistake{fmt.Sprintf("%s.%s has a collation of its own,%s, and so has %s", c.t.As, pgtext.Ident(c.col.Name), collation, c.typ), "make a domain without a collation"}
	}
	c.collation = collation
	return nil
}

// through is what one expression makes of a row whose value the other has made first.
func (c *conversion) through(others []string, first, typ, second string) string {
	return "(SELECT " + second + " FROM (SELECT " + strings.Join(others, "") + "(" + first + ")::" + typ + " AS " + pgtext.Ident(c.col.Name) + ") AS " + pgtext.Ident(c.t.Name) + ")"
}

// complete fills in what was not given, and has the server check it all.
func (c *conversion) complete(ctx context.Context, in *Input) error {
	if c.completed {
		return nil
	}
	c.completed = true
	name := pgtext.Ident(c.col.Name)
	c.forthSaid, c.backSaid = c.forth != "", c.back != ""
	var others []string
	for _, o := range c.t.Columns {
		if o.Name != c.col.Name && !o.Generated {
			others = append(others, pgtext.Ident(o.Name)+", ")
		}
	}
	if c.forth == "" {
		typ, err := in.unbounded(ctx, c.typ)
		if err != nil {
			return err
		}
		c.forth = name + "::" + typ
		if err := in.compiles(ctx, "type", "SELECT "+c.forth+" FROM "+c.t.As); err != nil {
			return err
		}
	}
	if c.back == "" {
		typ, err := in.unbounded(ctx, c.col.Type)
		if err != nil {
			return err
		}
		c.back = name + "::" + typ
	}
	c.thereAndBack = name + "::" + c.typ + "::" + c.col.Type
	c.backAndThere = name + "::" + c.col.Type + "::" + c.typ
	if c.forthSaid || c.backSaid {
		c.thereAndBack = c.through(others, c.forth, c.typ, c.back)
		c.backAndThere = c.through(others, c.back, c.col.Type, c.forth)
	}
	// The trigger has the row before generated columns are worked out.
	stored := "(SELECT " + strings.Join(others, "") + name + " FROM " + c.t.As + ") AS " + pgtext.Ident(c.t.Name)
	if err := firstOf(in.assigns(ctx, "value", c.typ, c.forth, c.t.As), in.ofOneRow(ctx, "value", c.forth, c.t.As), in.assigns(ctx, "value", c.typ, c.forth, stored)); err != nil {
		return err
	}
	if err := c.steady(ctx, in, "value", c.typ, c.forth, c.t.As); err != nil {
		return err
	}
	shape := "(SELECT " + strings.Join(others, "") + "NULL::" + c.typ + " AS " + name + " FROM " + c.t.As + ") AS " + pgtext.Ident(c.t.Name)
	if err := firstOf(in.assigns(ctx, "back", c.col.Type, c.back, shape), in.ofOneRow(ctx, "back", c.back, shape)); err != nil {
		return err
	}
	if err := c.steady(ctx, in, "back", c.col.Type, c.back, shape); err != nil {
		return err
	}
	return c.newDefault(ctx, in)
}
