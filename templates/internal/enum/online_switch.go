package enum

import (
	"slices"

	"rung/internal/pgtext"
	"rung/templates/internal/dependents"
	"rung/templates/internal/shared"
	"rung/templates/internal/sqltext"
)

// The lists of statements of which the files consist.

// Replacements builds the indexes that second columns need.
func (o *online) Replacements() string {
	var all []string
	for _, x := range o.Indexes {
		all = append(all, fillAll(o.forthWay.fill, x.create(x.fresh, x.forth))...)
	}
	return sqltext.Statements(all)
}

// Untwin drops them.
func (o *online) Untwin() string {
	var all []string
	for _, x := range o.Indexes {
		all = append(all, x.drop(x.fresh)...)
	}
	return sqltext.Statements(all)
}

// OldTwins builds those of the first columns again.
func (o *online) OldTwins() string {
	var all []string
	for _, x := range o.Indexes {
		all = append(all, fillAll(o.backWay.fill, x.create(x.former, x.back))...)
	}
	return sqltext.Statements(all)
}

// Loners drops those that go with no column.
func (o *online) Loners() string {
	var all []string
	for _, x := range o.Indexes {
		if x.alone {
			all = append(all, "DROP INDEX "+x.full(x.former))
		}
	}
	return sqltext.Statements(all)
}

func fillAll(fill func(string) string, all []string) []string {
	out := make([]string, len(all))
	for i, s := range all {
		out[i] = fill(s)
	}
	return out
}

// Proofs are, by table: that both columns agree, that the second ones are NOT
// NULL where the first ones are, and the CHECKs that those have.
func (o *online) Proofs() []shared.Proof {
	var all []shared.Proof
	at := func(table string) *shared.Proof {
		i := slices.IndexFunc(all, func(p shared.Proof) bool { return p.Table == table })
		if i < 0 {
			i, all = len(all), append(all, shared.Proof{Table: table})
		}
		return &all[i]
	}
	for _, t := range o.Tables {
		for _, c := range t.Columns {
			agree(at(t.T.As), o, c)
			if c.NotNull {
				at(t.T.As).Want(c.filled, "CHECK ("+c.Fresh()+" IS NOT NULL)", true)
			}
		}
	}
	for _, k := range o.Checks {
		p := at(k.Table)
		p.Want(k.Fresh, o.forthWay.fill(k.Forth), k.Valid)
		p.Comments = append(p.Comments, k.Comment(k.Fresh)...)
	}
	return all
}

func agree(p *shared.Proof, o *online, c *onlineColumn) {
	agree := c.Fresh() + " IS NOT DISTINCT FROM " + sqltext.IndentBy(4, o.Forth(c))
	if o.beside != "" { // the old program sees one value for several of the new one's
		agree += "\n        OR " + c.Column() + "::text IS NOT DISTINCT FROM " + sqltext.IndentBy(4, sqltext.Cased(o.value(c, c.Fresh(), o.backWay)))
	}
	p.Want(c.agree, "CHECK ("+agree+")", true)
}

// Locked are the tables that the switch takes together.
func (o *online) Locked() []string { return o.k.Tables }

// DropViews and Drop are what goes before and after the lock.
func (o *online) DropViews() string {
	views, _ := dependents.ViewsFirst(o.k.Pieces)
	return dependents.Drops(views)
}

func (o *online) Drop() string {
	_, others := dependents.ViewsFirst(o.k.Pieces)
	return dependents.Drops(others)
}

// RemakeForth and RemakeBack make again what was dropped.
func (o *online) RemakeForth() string { return o.remake(o.forthWay) }

func (o *online) RemakeBack() string { return o.remake(o.backWay) }

func (o *online) remake(w course) string {
	var all []string
	for _, p := range o.k.Pieces {
		all = append(all, fillAll(w.fill, p.Make)...)
	}
	return sqltext.Statements(all)
}

// Relaxed is true for a column whose first one must take a NULL after the
// switch: a value that is new has no old one.
func (o *online) Relaxed(c *onlineColumn) bool {
	return c.NotNull && len(o.Added) > 0 && o.beside == ""
}

// NotNull are the columns whose second ones the proofs have made fit for NOT NULL.
func (t *onlineTable) NotNull() []*onlineColumn {
	return slices.DeleteFunc(slices.Clone(t.Columns), func(c *onlineColumn) bool { return !c.NotNull })
}

// DropDefaults takes away what has values in it, for the time of a switch.
func (o *online) DropDefaults() []string {
	return o.defaults(func(string) string { return "" })
}

// Rename is the switch proper.
func (o *online) Rename() string {
	all := o.trade(func(fresh, former string) (string, string) { return former, fresh })
	for _, k := range o.Checks {
		all = append(all, k.Rename(k.Fresh, k.Constraint))
	}
	return sqltext.Statements(append(all, o.defaults(o.forthWay.fill)...))
}

// trade has type, columns and indexes leave under one of their two other names,
// and what has the other one come in their place.
func (o *online) trade(pick func(fresh, former string) (leave, come string)) []string {
	leave, come := pick(o.fresh, o.former)
	named := func(name string) string { return pgtext.Ident(o.Enum.Schema) + "." + pgtext.Ident(name) }
	all := []string{
		"ALTER TYPE " + o.Enum.Full + " RENAME TO " + pgtext.Ident(leave),
		"ALTER TYPE " + named(come) + " RENAME TO " + pgtext.Ident(o.Enum.Name),
	}
	switch { // the new one has its name already, in its own schema
	case o.beside != "" && leave == o.former:
		all[1] = "ALTER TYPE " + o.FreshType() + " SET SCHEMA " + pgtext.Ident(o.Enum.Schema)
	case o.beside != "":
		all[0] = "ALTER TYPE " + o.Enum.Full + " SET SCHEMA " + pgtext.Ident(o.beside)
	}
	for _, t := range o.Tables {
		for _, c := range t.Columns {
			leave, come := pick(c.Fresh(), c.Former())
			rename := "ALTER TABLE " + t.T.As + "\n    RENAME COLUMN "
			all = append(all, rename+c.Column()+" TO "+leave, rename+come+" TO "+c.Column())
		}
	}
	for _, x := range o.Indexes {
		leave, come := pick(x.fresh, x.former)
		all = append(all, x.rename(x.name, leave), x.rename(come, x.name))
		all = append(all, x.marks...)
	}
	return all
}

// defaults sets what has values in it, on columns of the type and on others;
// filled in with nothing, it goes.
func (o *online) defaults(fill func(string) string) (all []string) {
	set := func(table, column, def string) {
		what := "DROP DEFAULT"
		if to := fill(def); to != "" {
			what = "SET DEFAULT " + to
		}
		if def != "" {
			all = append(all, "ALTER TABLE "+table+"\n    ALTER COLUMN "+column+" "+what)
		}
	}
	for _, t := range o.Tables {
		for _, c := range t.Columns {
			set(t.T.As, c.Column(), c.def)
		}
	}
	for _, d := range o.k.Others {
		set("ONLY "+d.Table, d.Column, d.Expr)
	}
	return all
}
