package enum

import (
	"slices"

	"rung/internal/pgtext"
	"rung/templates/internal/dependents"
	"rung/templates/internal/shared"
	"rung/templates/internal/sqltext"
)

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
				at(t.T.As).Want(c.filled, "CHECK ("+c.Fresh()+" IS NOT NULL)", true, "")
			}
		}
	}
	for _, k := range o.Checks {
		at(k.Table).Want(k.Fresh, o.forthWay.fill(k.Forth), k.Valid, k.Remark)
	}
	return all
}

func agree(p *shared.Proof, o *online, c *onlineColumn) {
	agree := c.Fresh() + " IS NOT DISTINCT FROM " + sqltext.IndentBy(4, o.Forth(c))
	if o.beside != "" { // the old program sees one value for several of the new one's
		agree += "\n        OR " + c.Column() + "::text IS NOT DISTINCT FROM " + sqltext.IndentBy(4, sqltext.Cased(o.value(c, c.Fresh(), o.backWay)))
	}
	p.Want(c.agree, "CHECK ("+agree+")", true, "")
}

// Owed are the constraints that the down migration needs again. They are added at
// the switch, and proved after it, beside reads and writes.
func (o *online) Owed() []shared.Proof {
	var all []shared.Proof
	for _, t := range o.Tables {
		p := shared.Proof{Table: t.T.As}
		for _, c := range t.Columns {
			agree(&p, o, c)
			if c.NotNull {
				p.Want(c.filled, "CHECK ("+c.Fresh()+" IS NOT NULL)", true, "")
			}
			if o.Relaxed(c) {
				p.Want(c.relaxed(), "CHECK ("+c.Column()+" IS NOT NULL)", true, "")
			}
		}
		o.owe(&p, o.onTable(t.T.As))
		all = append(all, p)
	}
	return append(all, o.elsewhere()...)
}

// owe adds a table's own CHECKs as they were.
func (o *online) owe(p *shared.Proof, checks []*dependents.Check) {
	for _, k := range checks {
		p.Want(k.Constraint, o.k.Fill(k.Definition, o.before), k.Valid, k.Remark)
	}
}

// elsewhere are the CHECKs of tables that name the type and have no column of it.
func (o *online) elsewhere() []shared.Proof {
	var all []shared.Proof
	for _, k := range o.Checks {
		if !sqltext.Has(o.rewritten(), k.Table) {
			p := shared.Proof{Table: k.Table}
			o.owe(&p, []*dependents.Check{k})
			all = append(all, p)
		}
	}
	return all
}

// Relaxed is true for a column whose first one must take a NULL after the
// switch: a value that is new has no old one.
func (o *online) Relaxed(c *onlineColumn) bool {
	return c.NotNull && len(o.Added) > 0 && o.beside == ""
}

// relaxed names the CHECK by which the first column gets its NOT NULL back.
func (c *onlineColumn) relaxed() string {
	return sqltext.Name(c.Name, c.EnumColumn.Column, "old_is_not_null")
}

// ByRelaxed is that name as SQL.
func (c *onlineColumn) ByRelaxed() string { return pgtext.Ident(c.relaxed()) }

// NotNull are the columns whose second ones the proofs have made fit for NOT NULL.
func (t *onlineTable) NotNull() []*onlineColumn {
	return slices.DeleteFunc(slices.Clone(t.Columns), func(c *onlineColumn) bool { return !c.NotNull })
}

// Homeless stops the down migration while rows have values that are new.
func (o *online) Homeless() *lacking { return o.check(o.backWay) }

// Misfits stops the up migration while rows have values that the new type lacks.
func (o *online) Misfits() *lacking { return o.check(o.forthWay) }
