package templates

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/lib/pq"

	"rung/internal/pgtext"
)

func init() { looks["enum-retire"] = lookEnumRetire }

// retired is a column that must no longer bear some labels.
type retired struct {
	T                     *Table
	Type, Column          string
	Side, Function, Check string
	Trigger               string
	Batch, SideBatch      string
	KeyColumns            string // declared for the side table
	Default, NewDefault   string // "" where the default need not change
	Refused               string // stops the file where rows would be refused
	Quote                 string // of the function's body
	steps                 []step
}

func lookEnumRetire(ctx context.Context, in *Input) (map[string]any, error) {
	if err := in.mustLook(); err != nil {
		return nil, err
	}
	c, err := in.change(ctx)
	if err != nil {
		return nil, err
	}
	if err := c.retirable(); err != nil {
		return nil, err
	}
	if err := c.Enum.mustLast(); err != nil {
		return nil, err
	}
	children, err := in.DB.strings(ctx, enumSQL("inherited"), c.Enum.OID, c.Enum.Array)
	if err != nil {
		return nil, err
	}
	if len(children) > 0 {
		return nil, notBy("enum-retire", "a trigger is not inherited, and these tables have their column from a parent: "+strings.Join(children, ", "), "enum-swap")
	}
	within, err := in.DB.strings(ctx, enumSQL("within"), c.Enum.OID, c.Enum.Array)
	if err != nil {
		return nil, err
	}
	if len(within) > 0 {
		return nil, &Mistake{"enum-retire does not check values inside other types: " + strings.Join(within, ", "), "drop these in a migration before"}
	}
	var columns []*retired
	for _, col := range c.Enum.Columns {
		one, err := in.retire(ctx, c, col)
		if err != nil {
			return nil, err
		}
		columns = append(columns, one)
		in.Sayf("%s: %s looked at in batches over %s; locks: the rows of one batch, and the table for a moment, several times", col, in.about(col.Rows), one.Batch)
	}
	if len(columns) == 0 {
		return nil, notBy("enum-retire", "no table has the type, so a swap costs nothing", "enum-swap")
	}
	dead := froms(c.renames())
	in.Sayf("%s: the type keeps %s, unused; the file that ends in _contract drops what the down migration needs", c.Enum.As, join(dead, labelSQL))
	return map[string]any{"e": c.Enum, "columns": columns, "dead": dead}, firstOf(in.sayCompares(ctx, c), in.sayPublished(ctx, "a value", c.Enum.tables()...), in.warnOfBodies(ctx, c))
}

func (in *Input) retire(ctx context.Context, c *change, col EnumColumn) (*retired, error) {
	if col.Array || col.Generated {
		return nil, notBy("enum-retire", fmt.Sprintf("%s is an array or generated", col), "enum-swap")
	}
	t, err := in.DB.Table(ctx, col.TableAs())
	if err != nil {
		return nil, err
	}
	if err := t.MayAlter(); err != nil {
		return nil, err
	}
	batch, err := in.batchKey(ctx, t)
	if err != nil {
		return nil, err
	}
	if has(t.Key, col.Column) {
		return nil, notBy("enum-retire", fmt.Sprintf("%s is part of the key that batches go along", col), "enum-swap")
	}
	side, function := Name(t.Name, col.Column, "before"), Name(t.Name, col.Column, "retired")
	if err := in.free(ctx, t, side, function); err != nil {
		return nil, err
	}
	check, err := in.checkBeside(ctx, t, col)
	if err != nil {
		return nil, err
	}
	trigger, err := in.lastToFire(ctx, t, function) // or another one would write the labels behind it
	if err != nil {
		return nil, err
	}
	key, err := in.DB.strings(ctx, enumSQL("key"), t.OID, pq.Array(t.Key))
	if err != nil {
		return nil, err
	}
	one := &retired{
		T: t, Type: c.Enum.Full, Column: pgtext.Ident(col.Column), Side: t.Beside(side), Function: t.Beside(function), Check: pgtext.Ident(check), Trigger: pgtext.Ident(trigger),
		Batch: batch, SideBatch: strings.Replace(batch, t.As, t.Beside(side), 1), steps: c.renames(),
		KeyColumns: strings.Join(key, ",\n    "),
	}
	one.Quote = pgtext.DollarTag("function", one.Becomes(one.Column, 0)+one.KeyOf("NEW")+one.Side)
	if err := firstOf(in.retireDefault(ctx, c, col, one), in.mustLetPass(ctx, one, col)); err != nil {
		return nil, err
	}
	return one, in.sayFired(ctx, t, col.Column)
}

// checkBeside is a free name for the CHECK: that of an earlier retirement stays.
func (in *Input) checkBeside(ctx context.Context, t *Table, col EnumColumn) (string, error) {
	taken, err := in.DB.strings(ctx, "SELECT conname FROM pg_catalog.pg_constraint WHERE conrelid = $1", t.OID)
	check := Name(t.Name, col.Column, "live")
	for i := 2; has(taken, check); i++ {
		check = Name(t.Name, col.Column, fmt.Sprint("live", i))
	}
	return check, err
}

// retireDefault notes a default that is a label to be retired. Of one that is
// worked out nobody can tell which label it will be.
func (in *Input) retireDefault(ctx context.Context, c *change, col EnumColumn, one *retired) error {
	found, err := one.T.Column(col.Column)
	if err != nil {
		return err
	}
	apart, err := in.DB.strings(ctx, enumSQL("owndefaults"), one.T.OID, col.Column)
	if err != nil {
		return err
	}
	if len(apart) > 0 {
		return &Mistake{fmt.Sprintf("%s differs from that of %s", strings.Join(apart, ", "), one.T.As), "make them the same in a migration before"}
	}
	label := func(l string) string { return "'" + strings.ReplaceAll(l, "'", "''") + "'::" + found.Type }
	if found.Default == "" || found.Default == "NULL::"+found.Type {
		return nil
	}
	for _, l := range c.Old {
		if to := c.To[l]; found.Default == label(l) && to != l {
			one.Default, one.NewDefault = labelSQL(l), labelSQL(to)
		}
	}
	if !slices.ContainsFunc(c.Old, func(l string) bool { return found.Default == label(l) }) {
		return &Mistake{fmt.Sprintf("the default of %s is worked out, and may be %s: %s", col, one.Dead(), found.Default), "give it a value as its default in an earlier migration, or drop the default"}
	}
	return nil
}

// Dead are the labels that go, as SQL.
func (r *retired) Dead() string { return join(froms(r.steps), labelSQL) }

// Becomes writes what a value with a label that goes turns into.
func (r *retired) Becomes(value string, indent int) string {
	if len(r.steps) == 1 {
		return labelSQL(r.steps[0].To)
	}
	blanks := "\n" + strings.Repeat(" ", indent)
	out := "CASE " + value
	for _, s := range r.steps {
		out += blanks + "    WHEN " + labelSQL(s.From) + " THEN " + labelSQL(s.To) + "::" + r.Type
	}
	return out + blanks + "END"
}

// KeyOf are the key's columns of a row, such as NEW.
func (r *retired) KeyOf(row string) string {
	return join(r.T.Key, func(c string) string { return row + "." + pgtext.Ident(c) })
}
