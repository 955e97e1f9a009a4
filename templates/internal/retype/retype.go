// Package retype gives a column another type: change-type.
package retype

import (
	"context"
	"fmt"
	"strings"

	"rung/internal/pgtext"
	"rung/templates/internal/catalog"
	"rung/templates/internal/ensure"
	"rung/templates/internal/mistake"
	"rung/templates/internal/notice"
	"rung/templates/internal/shared"
	"rung/templates/internal/sqltext"
	"rung/templates/internal/task"
)

// changed is what sql/change-type.sql sees.
type changed struct {
	T                                        *catalog.Table
	Key, Column, Fresh, Old                  string
	OldType, NewType, OldDefault, NewDefault string
	Forth, Back, Check, Function, Trigger    string
	DressFresh, DressOld                     []string
	Required                                 bool
	// Cluster is true for a table of a Citus cluster, whose UPDATEs take no function that
	// is not IMMUTABLE: there the trigger works out what the batches write.
	Cluster bool
	Indexes []replacementIndex
	Carried *carried
	// Forward and Backward are a oneWay each.
	// Gone is what the contract drops.
	Gone              shared.Gone
	Forward, Backward map[string]any
}

// oneWay is what the body sees of the one way or the other.
type oneWay struct {
	changed
	To, Expression, Some, Converted string
	Fits                            []shared.FitCheck
	Uniques                         []replacementIndex
	ThereAndBack, AsText, Until     string
	// Said is true where a person gave the expression.
	Said bool
}

// Change gives a column another type.
func Change(ctx context.Context, in *task.Input) (any, error) {
	if err := in.MustLook(); err != nil {
		return nil, err
	}
	t, err := in.Table(ctx)
	if err != nil {
		return nil, err
	}
	col, err := t.Column(in.Params["column"])
	if err != nil {
		return nil, err
	}
	if err := mistake.FirstOf(t.MayFollow(), ensure.IsType(ctx, in, "type"), plainColumn(ctx, in, t, col)); err != nil {
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

// conversion is how a value becomes one of the new type, and back.
type conversion struct {
	t                *catalog.Table
	col              *catalog.Column
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

// online is the way by a second column.
func (c *conversion) online(ctx context.Context, in *task.Input) (any, error) {
	t, col := c.t, c.col
	key, err := t.BatchKey()
	if err != nil {
		return nil, err
	}
	fresh, old := sqltext.Name(col.Name, "new"), sqltext.Name(col.Name, "old")
	follow, check := sqltext.Name(t.Name, col.Name, "follow"), sqltext.Name(t.Name, col.Name, "new_is_not_null")
	if err := mistake.FirstOf(t.FreeColumn(fresh), t.FreeColumn(old),
		ensure.Free(ctx, in, t, follow), ensure.FreeTrigger(ctx, in, t, follow), ensure.FreeConstraint(ctx, in, t, check), ensure.PartitionsAgree(ctx, in, t, col.Name),
		takesNull(ctx, in, c.typ), takesNull(ctx, in, col.Type), ensure.AddsAtOnce(ctx, in, c.typ), c.complete(ctx, in)); err != nil {
		return nil, err
	}
	trigger, err := ensure.LastToFire(ctx, in, t, follow)
	if err != nil {
		return nil, err
	}
	dressFresh, dressOld, collation, err := dress(ctx, in, t, col.Name, fresh, old)
	if err != nil {
		return nil, err
	}
	if err := mistake.FirstOf(c.comparable(ctx, in), c.collate(ctx, in, collation)); err != nil {
		return nil, err
	}
	all, err := c.carries(ctx, in, fresh)
	if err != nil {
		return nil, err
	}
	indexes, err := replacementIndexes(ctx, in, c, fresh, old)
	if err != nil {
		return nil, err
	}
	in.Sayf("%s: %s; in batches over %s, while a trigger keeps the second column right", t.As, in.About(t.Rows), key)
	in.Sayf("%s becomes %s: %s; and back: %s", col.Type, c.typ, c.forth, c.back)
	notice.Prepared(in, t.As+"."+pgtext.Ident(col.Name))
	in.Sayf("locks: ACCESS EXCLUSIVE on %s for a moment, several times; the rows of one batch at a time", t.As)
	data := changed{
		Column:  col.Name,
		Cluster: in.Cluster != "",
		T:       t, Key: key, Fresh: pgtext.Ident(fresh), Old: pgtext.Ident(old), NewType: c.typ + c.collation, Forth: c.forth, Back: c.back,
		OldType: col.Type + collation, DressFresh: dressFresh, DressOld: dressOld, OldDefault: col.Default, NewDefault: c.def, Required: col.NotNull, Check: check,
		Indexes: indexes, Carried: all, Function: t.Beside(follow), Trigger: trigger,
		Gone: shared.Gone{Table: t.As, Full: t.Full(), Partitioned: t.Partitioned, Columns: []string{old}},
	}
	for _, x := range indexes {
		data.Gone.Indexes = append(data.Gone.Indexes, sqltext.Name(x.name, "old"))
	}
	if err := c.bothWays(ctx, in, &data, indexes); err != nil {
		return nil, err
	}
	return data, mistake.FirstOf(notice.Fired(ctx, in, t, fresh), notice.Published(ctx, in, "a column", t.OID))
}

// bothWays adds what the files say once for each direction.
func (c *conversion) bothWays(ctx context.Context, in *task.Input, data *changed, indexes []replacementIndex) error {
	ahead, err := c.meets(ctx, in, indexes, c.col.Type, c.typ)
	if err != nil {
		return err
	}
	again, err := c.meets(ctx, in, indexes, c.typ, c.col.Type)
	if err != nil {
		return err
	}
	data.Forward, data.Backward = task.Fields(oneWay{
		changed: *data, To: data.Fresh, Expression: c.forth, Some: c.some(c.forth, c.forthSaid), Fits: c.fitsForth(),
		Uniques: ahead, Converted: c.converted(c.typ, c.forth),
		ThereAndBack: c.thereAndBack, AsText: c.oldAsText, Until: "the contract drops them", Said: c.forthSaid,
	}), task.Fields(oneWay{
		changed: *data, To: data.Old, Expression: c.back, Some: c.some(c.back, c.backSaid), Fits: c.fitsBack(),
		Uniques: again, Converted: c.converted(c.col.Type, c.back),
		ThereAndBack: c.backAndThere, AsText: c.newAsText, Until: "the down migration drops the column", Said: c.backSaid,
	})
	return nil
}

// some chooses the rows for which there is a value.
func (c *conversion) some(expression string, said bool) string {
	if said && !c.col.NotNull {
		return "(" + expression + ") IS NOT NULL"
	}
	return pgtext.Ident(c.col.Name) + " IS NOT NULL"
}

// fitsForth is what every value must pass before anything is changed.
func (c *conversion) fitsForth() []shared.FitCheck {
	f := c.fits(c.typ, c.forth, "", "Fix the rows, or say how by --set value=…")
	f.NotNull = true
	return c.andNulls(f, c.forthSaid)
}

// fitsBack is the same for the down migration, where NULL may be what a person said.
func (c *conversion) fitsBack() []shared.FitCheck {
	f := c.fits(c.col.Type, c.back, " again", "Fix the rows first.")
	f.NotNull = c.col.NotNull || !c.backSaid
	return c.andNulls(f, c.backSaid)
}

// andNulls adds the rows without a value, which an expression that a person gave
// may make something of, or fail at.
func (c *conversion) andNulls(f shared.FitCheck, said bool) []shared.FitCheck {
	if !said || c.col.NotNull {
		return []shared.FitCheck{f}
	}
	nulls := f
	nulls.Where, nulls.NotNull = pgtext.Ident(c.col.Name)+" IS NULL", false
	return []shared.FitCheck{f, nulls}
}

func (c *conversion) fits(typ, expression, again, hint string) shared.FitCheck {
	name := pgtext.Ident(c.col.Name)
	return shared.FitCheck{
		T: c.t, Type: typ, Expression: expression, Where: name + " IS NOT NULL",
		Shown: c.t.Row("") + " || ': ' || coalesce(left(" + name + "::text, 60), 'NULL')",
		Says:  " values of " + c.t.As + "." + name + " do not become " + typ + again, Hint: hint,
	}
}

// comparable finds out how values of both types are compared.
func (c *conversion) comparable(ctx context.Context, in *task.Input) (err error) {
	if c.oldAsText, err = ensure.CompareAs(ctx, in, c.col.Type); err == nil {
		c.newAsText, err = ensure.CompareAs(ctx, in, c.typ)
	}
	return err
}

// collate keeps the column's collation, where the new type takes one. One that
// the type brings would stand against it in each comparison.
func (c *conversion) collate(ctx context.Context, in *task.Input, collation string) error {
	var takes, own bool
	typ, err := in.DB.UsualType(ctx, c.typ)
	if err != nil {
		return err
	}
	err = in.DB.QueryRow(ctx, catalog.SQL("type_collates"), typ).Scan(&takes, &own)
	switch {
	case err != nil || collation == "" || !takes:
		return err
	case own:
		return mistake.New(fmt.Sprintf("%s.%s has a collation of its own,%s, and so has %s", c.t.As, pgtext.Ident(c.col.Name), collation, c.typ), "make a domain without a collation")
	}
	c.collation = collation
	return nil
}

// through is what one expression makes of a row whose value the other has made first.
func (c *conversion) through(others []string, first, typ, second string) string {
	return "(SELECT " + second + " FROM (SELECT " + strings.Join(others, "") + "(" + first + ")::" + typ + " AS " + pgtext.Ident(c.col.Name) + ") AS " + pgtext.Ident(c.t.Name) + ")"
}

// complete fills in what was not given, and has the server check it all.
func (c *conversion) complete(ctx context.Context, in *task.Input) error {
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
		typ, err := ensure.Unbounded(ctx, in, c.typ)
		if err != nil {
			return err
		}
		c.forth = name + "::" + typ
		if err := ensure.Compiles(ctx, in, "type", "SELECT "+c.forth+" FROM "+c.t.As); err != nil {
			return err
		}
	}
	if c.back == "" {
		typ, err := ensure.Unbounded(ctx, in, c.col.Type)
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
	if err := mistake.FirstOf(ensure.Assigns(ctx, in, "value", c.typ, c.forth, c.t.As), ensure.OfOneRow(ctx, in, "value", c.forth, c.t.As), ensure.Assigns(ctx, in, "value", c.typ, c.forth, stored)); err != nil {
		return err
	}
	if err := c.steady(ctx, in, "value", c.typ, c.forth, c.t.As); err != nil {
		return err
	}
	shape := "(SELECT " + strings.Join(others, "") + "NULL::" + c.typ + " AS " + name + " FROM " + c.t.As + ") AS " + pgtext.Ident(c.t.Name)
	if err := mistake.FirstOf(ensure.Assigns(ctx, in, "back", c.col.Type, c.back, shape), ensure.OfOneRow(ctx, in, "back", c.back, shape)); err != nil {
		return err
	}
	if err := c.steady(ctx, in, "back", c.col.Type, c.back, shape); err != nil {
		return err
	}
	return c.newDefault(ctx, in)
}
