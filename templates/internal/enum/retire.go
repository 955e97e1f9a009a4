package enum

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/lib/pq"

	"rung/internal/pgtext"
	"rung/templates/internal/catalog"
	"rung/templates/internal/ensure"
	"rung/templates/internal/mistake"
	"rung/templates/internal/notice"
	"rung/templates/internal/sqltext"
	"rung/templates/internal/task"
	"rung/templates/internal/words"
)

// retired is a column that must no longer bear some values.
type retired struct {
	T                     *catalog.Table
	Type, Column          string
	Side, Function, Check string
	Trigger               string
	Batch, SideBatch      string
	KeyColumns            string // declared for the side table
	Default, NewDefault   string // "" where the default need not change
	Refused               string // stops the file where rows would be refused
	Quote                 string // of the function's body
	steps                 []words.Pair
}

// retirement is what sql/enum-retire.sql sees.
type retirement struct {
	E       *catalog.Enum
	Columns []*retired
	Dead    []string
}

// Retire has rows leave values, which stay in the type.
func Retire(ctx context.Context, in *task.Input) (any, error) {
	if err := in.MustLook(); err != nil {
		return nil, err
	}
	c, err := readChange(ctx, in)
	if err != nil {
		return nil, err
	}
	if err := c.retirable(); err != nil {
		return nil, err
	}
	if err := c.Enum.MustLast(); err != nil {
		return nil, err
	}
	children, err := in.DB.Strings(ctx, catalog.SQL("inherited"), c.Enum.OID, c.Enum.Array)
	if err != nil {
		return nil, err
	}
	if len(children) > 0 {
		return nil, notBy("enum-retire", "a trigger is not inherited, and these tables have their column from a parent: "+strings.Join(children, ", "), "enum-swap")
	}
	within, err := in.DB.Strings(ctx, catalog.SQL("within"), c.Enum.OID, c.Enum.Array)
	if err != nil {
		return nil, err
	}
	if len(within) > 0 {
		return nil, mistake.New("enum-retire does not check values inside other types: "+strings.Join(within, ", "), "drop these in a migration before")
	}
	var columns []*retired
	for _, col := range c.Enum.Columns {
		one, err := retire(ctx, in, c, col)
		if err != nil {
			return nil, err
		}
		columns = append(columns, one)
		in.Sayf("%s: %s looked at in batches over %s; locks: the rows of one batch, and the table for a moment, several times", col, in.About(col.Rows), one.Batch)
	}
	if len(columns) == 0 {
		return nil, notBy("enum-retire", "no table has the type, so a swap costs nothing", "enum-swap")
	}
	dead := words.Froms(c.renames())
	in.Sayf("%s: the type keeps %s, unused; the file that ends in _contract drops what the down migration needs", c.Enum.As, sqltext.Join(dead, sqltext.EnumValue))
	return retirement{c.Enum, columns, dead}, mistake.FirstOf(sayCompares(ctx, in, c), notice.Published(ctx, in, "a value", c.Enum.Tables()...), warnOfBodies(ctx, in, c))
}

func retire(ctx context.Context, in *task.Input, c *Change, col catalog.EnumColumn) (*retired, error) {
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
	batch, err := ensure.BatchKey(ctx, in, t)
	if err != nil {
		return nil, err
	}
	if sqltext.Has(t.Key, col.Column) {
		return nil, notBy("enum-retire", fmt.Sprintf("%s is part of the key that batches go along", col), "enum-swap")
	}
	side, function := sqltext.Name(t.Name, col.Column, "before"), sqltext.Name(t.Name, col.Column, "retired")
	if err := ensure.Free(ctx, in, t, side, function); err != nil {
		return nil, err
	}
	check, err := checkBeside(ctx, in, t, col)
	if err != nil {
		return nil, err
	}
	trigger, err := ensure.LastToFire(ctx, in, t, function) // or another one would write the values behind it
	if err != nil {
		return nil, err
	}
	key, err := in.DB.Strings(ctx, catalog.SQL("key"), t.OID, pq.Array(t.Key))
	if err != nil {
		return nil, err
	}
	one := &retired{
		T: t, Type: c.Enum.Full, Column: pgtext.Ident(col.Column), Side: t.Beside(side), Function: t.Beside(function), Check: pgtext.Ident(check), Trigger: pgtext.Ident(trigger),
		Batch: batch, SideBatch: strings.Replace(batch, t.As, t.Beside(side), 1), steps: c.renames(),
		KeyColumns: strings.Join(key, ",\n    "),
	}
	one.Quote = pgtext.DollarTag("function", one.Becomes(one.Column, 0)+one.KeyOf("NEW")+one.Side)
	if err := mistake.FirstOf(retireDefault(ctx, in, c, col, one), mustLetPass(ctx, in, one, col)); err != nil {
		return nil, err
	}
	return one, notice.Fired(ctx, in, t, col.Column)
}

// checkBeside is a free name for the CHECK: that of an earlier retirement stays.
func checkBeside(ctx context.Context, in *task.Input, t *catalog.Table, col catalog.EnumColumn) (string, error) {
	taken, err := in.DB.Strings(ctx, catalog.SQL("constraint_names"), t.OID)
	check := sqltext.Name(t.Name, col.Column, "live")
	for i := 2; sqltext.Has(taken, check); i++ {
		check = sqltext.Name(t.Name, col.Column, fmt.Sprint("live", i))
	}
	return check, err
}

// retireDefault notes a default that is a value to be retired. Of one that is
// worked out nobody can tell which value it will be.
func retireDefault(ctx context.Context, in *task.Input, c *Change, col catalog.EnumColumn, one *retired) error {
	found, err := one.T.Column(col.Column)
	if err != nil {
		return err
	}
	apart, err := in.DB.Strings(ctx, catalog.SQL("owndefaults"), one.T.OID, col.Column)
	if err != nil {
		return err
	}
	if len(apart) > 0 {
		return mistake.New(fmt.Sprintf("%s differs from that of %s", strings.Join(apart, ", "), one.T.As), "make them the same in a migration before")
	}
	defaultOf := func(l string) string { return "'" + strings.ReplaceAll(l, "'", "''") + "'::" + found.Type }
	if found.Default == "" || found.Default == "NULL::"+found.Type {
		return nil
	}
	for _, l := range c.Old {
		if to := c.To[l]; found.Default == defaultOf(l) && to != l {
			one.Default, one.NewDefault = sqltext.EnumValue(l), sqltext.EnumValue(to)
		}
	}
	if !slices.ContainsFunc(c.Old, func(l string) bool { return found.Default == defaultOf(l) }) {
		return mistake.New(fmt.Sprintf("the default of %s is worked out, and may be %s: %s", col, one.Dead(), found.Default), "give it a value as its default in an earlier migration, or drop the default")
	}
	return nil
}

// Dead are the values that go, as SQL.
func (r *retired) Dead() string { return sqltext.Join(words.Froms(r.steps), sqltext.EnumValue) }

// Becomes writes what a value with a value that goes turns into.
func (r *retired) Becomes(value string, indent int) string {
	if len(r.steps) == 1 {
		return sqltext.EnumValue(r.steps[0].To)
	}
	blanks := "\n" + strings.Repeat(" ", indent)
	out := "CASE " + value
	for _, s := range r.steps {
		out += blanks + "    WHEN " + sqltext.EnumValue(s.From) + " THEN " + sqltext.EnumValue(s.To) + "::" + r.Type
	}
	return out + blanks + "END"
}

// KeyOf are the key's columns of a row, such as NEW.
func (r *retired) KeyOf(row string) string {
	return sqltext.Join(r.T.Key, func(c string) string { return row + "." + pgtext.Ident(c) })
}
