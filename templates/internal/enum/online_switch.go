package enum

import (
	"rung/internal/pgtext"
	"rung/templates/internal/dependents"
	"rung/templates/internal/sqltext"
)

// exchange is the switch, one way or the other: what has a name leaves it, and what
// stands beside it takes it. All names are as SQL.
type exchange struct {
	Types   []movedType
	Columns []exchanged
	Indexes []exchangedIndex
	Checks  []renamedCheck
}

// movedType is a type that gets another name, or goes to a schema.
type movedType struct{ Type, Name, Schema string }

// exchanged is a name in a table that one column leaves, and that the other one takes.
type exchanged struct{ Table, Name, Leave, Come string }

// exchangedIndex is the same of indexes, whose names are those of a schema. Clustered and
// Identity are what a table notes of one of its indexes, by its name.
type exchangedIndex struct {
	exchanged
	Full, ComeFull      string
	Clustered, Identity bool
}

type renamedCheck struct{ Table, From, To string }

// columnDefault is the default that a column gets; "" takes away the one that it has.
type columnDefault struct{ Table, Column, Value string }

// Exchange has the second columns take the place of the first ones, and ExchangeBack the
// first ones take theirs again.
func (o *online) Exchange() exchange {
	x := o.exchange(func(fresh, former string) (leave, come string) { return former, fresh })
	for _, k := range o.Checks {
		x.Checks = append(x.Checks, renamedCheck{k.Table, pgtext.Ident(k.Fresh), pgtext.Ident(k.Constraint)})
	}
	return x
}

// ExchangeBack is Exchange for the down migration.
func (o *online) ExchangeBack() exchange {
	x := o.exchange(func(fresh, former string) (leave, come string) { return fresh, former })
	for _, k := range o.Checks {
		x.Checks = append(x.Checks, renamedCheck{k.Table, pgtext.Ident(k.Constraint), pgtext.Ident(k.Fresh)})
	}
	return x
}

func (o *online) exchange(pick func(fresh, former string) (leave, come string)) exchange {
	x := exchange{Types: o.moved(pick(o.fresh, o.former))}
	for _, t := range o.Tables {
		for _, c := range t.Columns {
			leave, come := pick(c.Fresh(), c.Former())
			x.Columns = append(x.Columns, exchanged{t.T.As, c.Column(), leave, come})
		}
	}
	for _, one := range o.Indexes {
		leave, come := pick(one.fresh, one.former)
		x.Indexes = append(x.Indexes, exchangedIndex{
			exchanged{one.Table, pgtext.Ident(one.name), pgtext.Ident(leave), pgtext.Ident(come)},
			one.full(one.name), one.full(come), one.clustered, one.identity,
		})
	}
	return x
}

// moved is what becomes of the two types. The new one of a new program has its name
// already, in a schema of its own.
func (o *online) moved(leave, come string) []movedType {
	schema := pgtext.Ident(o.Enum.Schema)
	all := []movedType{
		{Type: o.Enum.Full, Name: pgtext.Ident(leave)},
		{Type: schema + "." + pgtext.Ident(come), Name: pgtext.Ident(o.Enum.Name)},
	}
	switch {
	case o.beside != "" && leave == o.former:
		all[1] = movedType{Type: o.FreshType(), Schema: schema}
	case o.beside != "":
		all[0] = movedType{Type: o.Enum.Full, Schema: pgtext.Ident(o.beside)}
	}
	return all
}

// NoDefaults take away what has values in it, for the time of a switch; NewDefaults and
// OldDefaults set it again.
func (o *online) NoDefaults() []columnDefault {
	return o.defaults(func(string) string { return "" })
}

// NewDefaults are those with the new values.
func (o *online) NewDefaults() []columnDefault { return o.defaults(o.forthWay.fill) }

// OldDefaults are those with the old values.
func (o *online) OldDefaults() []columnDefault { return o.defaults(o.backWay.fill) }

// defaults are those of columns of the type, and of others that have its values in them.
func (o *online) defaults(fill func(string) string) (all []columnDefault) {
	for _, t := range o.Tables {
		for _, c := range t.Columns {
			if c.def != "" {
				all = append(all, columnDefault{t.T.As, c.Column(), fill(c.def)})
			}
		}
	}
	for _, d := range o.k.Others {
		if d.Expr != "" {
			all = append(all, columnDefault{"ONLY " + d.Table, d.Column, fill(d.Expr)})
		}
	}
	return all
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
		for _, s := range p.Make {
			all = append(all, w.fill(s))
		}
	}
	return sqltext.Statements(all)
}
