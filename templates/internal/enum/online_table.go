package enum

import (
	"context"
	"fmt"

	"rung/internal/pgtext"
	"rung/templates/internal/catalog"
	"rung/templates/internal/ensure"
	"rung/templates/internal/notice"
	"rung/templates/internal/shared"
	"rung/templates/internal/sqltext"
	"rung/templates/internal/task"
)

// onlineTable is a table with columns of the type.
type onlineTable struct {
	T        *catalog.Table
	Key      string // of its batches
	function string
	trigger  string
	Columns  []*onlineColumn
}

// onlineColumn is a column of the type and the second one beside it, which is
// the fresh one until the switch; after it the first one stands former.
type onlineColumn struct {
	catalog.EnumColumn
	fresh, former string
	// agree and filled name the CHECKs that prove, before the switch, that both
	// columns agree, and that the second one may be NOT NULL.
	agree, filled string
	NotNull       bool
	// def is the default, with placeholders.
	def string
	// DressFresh and DressFormer are what columns have beside their types.
	DressFresh, DressFormer []string
}

func (o *online) columns(ctx context.Context, in *task.Input) error {
	o.fresh = o.k.FreeType(o.Enum.Name, "new")
	for _, c := range o.Enum.Columns {
		t, err := o.table(ctx, in, c)
		if err != nil {
			return err
		}
		if sqltext.Has(t.T.Key, c.Column) {
			return notBy("enum-online", fmt.Sprintf("%s is part of the key that batches go along", c), "enum-swap")
		}
		found, err := t.T.Column(c.Column)
		if err != nil {
			return err
		}
		col := &onlineColumn{
			EnumColumn: c, fresh: sqltext.Name(c.Column, "new"), former: sqltext.Name(c.Column, "old"), NotNull: found.NotNull,
			agree: sqltext.Name(c.Name, c.Column, "agrees"), filled: sqltext.Name(c.Name, c.Column, "is_not_null"),
			def: o.k.Defaults[fmt.Sprintf("%d:%d", c.Table, c.Number)],
		}
		for to, name := range map[*[]string]string{&col.DressFresh: col.fresh, &col.DressFormer: col.former} {
			if *to, err = in.DB.Strings(ctx, catalog.SQL("settings"), c.Table, c.Number, name); err != nil {
				return fmt.Errorf("look at %s: %w", c, err)
			}
		}
		t.Columns = append(t.Columns, col)
	}
	return nil
}

// table is the column's, looked up once.
func (o *online) table(ctx context.Context, in *task.Input, c catalog.EnumColumn) (*onlineTable, error) {
	for _, t := range o.Tables {
		if t.T.OID == c.Table {
			return t, nil
		}
	}
	t, err := in.DB.Table(ctx, c.TableAs())
	if err != nil {
		return nil, err
	}
	one := &onlineTable{T: t, function: sqltext.Name(t.Name, o.Enum.Name, "follow")}
	if one.Key, err = ensure.BatchKey(ctx, in, t); err != nil {
		return nil, err
	}
	if one.trigger, err = ensure.LastToFire(ctx, in, t, one.function); err != nil {
		return nil, err
	}
	o.Tables = append(o.Tables, one)
	return one, notice.Fired(ctx, in, t, sqltext.Name(c.Column, "new"))
}

// Fresh and Former are the second column and the first one after the switch, as SQL.
func (c *onlineColumn) Fresh() string { return pgtext.Ident(c.fresh) }

func (c *onlineColumn) Former() string { return pgtext.Ident(c.former) }

// Name is the column, as SQL.
func (c *onlineColumn) Column() string { return pgtext.Ident(c.EnumColumn.Column) }

// Agree and Filled name the CHECKs that prove what the switch relies on.
func (c *onlineColumn) Agree() string { return pgtext.Ident(c.agree) }

// Filled is the one by which the second column is NOT NULL.
func (c *onlineColumn) Filled() string { return pgtext.Ident(c.filled) }

// FreshType and FormerType are the new type before the switch, and the old one
// after it.
func (o *online) FreshType() string {
	if o.beside != "" {
		return pgtext.Ident(o.beside) + "." + pgtext.Ident(o.Enum.Name)
	}
	return pgtext.Ident(o.Enum.Schema) + "." + pgtext.Ident(o.fresh)
}

func (o *online) FormerType() string {
	return pgtext.Ident(o.Enum.Schema) + "." + pgtext.Ident(o.former)
}

// Of is a column's type.
func (c *onlineColumn) Of(typ string) string {
	if c.Array {
		return typ + "[]"
	}
	return typ
}

// value writes a value, or an array of them, as the text that it becomes. A
// value without a place becomes NULL in the down migration; on the way forth it stays,
// and is an error where it meets the type.
func (o *online) value(c *onlineColumn, of string, w course) string {
	var none []string
	for _, l := range w.from {
		if _, ok := w.place[l]; !ok && sqltext.Has(o.Added, l) {
			none = append(none, l)
		}
	}
	if c.Array {
		text := replaceAll(of+"::text[]", InOrder(w.changed(), append(w.from, w.to...)))
		if len(none) > 0 {
			text = "CASE WHEN NOT " + of + "::text[] && ARRAY[" + sqltext.Join(none, sqltext.EnumValue) + "] THEN " + text + " END"
		}
		return text
	}
	if len(w.changed())+len(none) == 0 {
		return of + "::text"
	}
	text := "CASE " + of + "::text"
	for _, s := range w.changed() {
		text += "\n    WHEN " + sqltext.EnumValue(s.From) + " THEN " + sqltext.EnumValue(s.To)
	}
	for _, l := range none {
		text += "\n    WHEN " + sqltext.EnumValue(l) + " THEN NULL"
	}
	return text + "\n    ELSE " + of + "::text\nEND"
}

// Forth is the second column's value, Back the first one's from the second.
func (o *online) Forth(c *onlineColumn) string {
	return sqltext.Cased(o.value(c, c.Column(), o.forthWay)) + "::" + c.Of(o.FreshType())
}

func (o *online) Back(c *onlineColumn) string {
	return sqltext.Cased(o.value(c, c.Column(), o.backWay)) + "::" + c.Of(o.FormerType())
}

func (o *online) follow(t *onlineTable, pair func(*onlineColumn) shared.FollowPair) shared.Follow {
	f := shared.Follow{Table: t.T.As, Function: pgtext.Ident(t.T.Schema) + "." + pgtext.Ident(t.function), Trigger: pgtext.Ident(t.trigger)}
	for _, c := range t.Columns {
		f.Pairs = append(f.Pairs, pair(c))
	}
	return f.Quoted()
}

// Forward is the trigger before the switch.
func (o *online) Forward(t *onlineTable) shared.Follow {
	return o.follow(t, func(c *onlineColumn) shared.FollowPair {
		return shared.FollowPair{From: c.Column(), To: c.Fresh(), Value: o.value(c, "NEW."+c.Column(), o.forthWay)}
	})
}

// Backward is the trigger after it. A value that was merged stays while it
// still stands for the new one.
func (o *online) Backward(t *onlineTable) shared.Follow {
	return o.follow(t, func(c *onlineColumn) shared.FollowPair {
		p := shared.FollowPair{From: c.Column(), To: c.Former(), Value: o.value(c, "NEW."+c.Column(), o.backWay)}
		if o.Merged {
			p.Kept, p.Cast = sqltext.Cased(o.value(c, "NEW."+c.Former(), o.forthWay)), c.Of("text")
		}
		return p
	})
}

// Gone is what the contract drops of a table.
func (o *online) Gone(t *onlineTable) shared.Gone {
	g := shared.Gone{Table: t.T.As, Full: t.T.Full()}
	for _, c := range t.Columns {
		g.Columns = append(g.Columns, c.former)
	}
	for _, x := range o.Indexes {
		g.Indexes = append(g.Indexes, x.former)
	}
	for _, other := range o.Tables { // one may have a column of the same name
		g.Functions = append(g.Functions, pgtext.Ident(other.T.Schema)+"."+pgtext.Ident(other.function))
	}
	return g
}
