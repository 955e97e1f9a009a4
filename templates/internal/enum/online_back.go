package enum

import (
	"rung/internal/pgtext"
	"rung/templates/internal/dependents"
	"rung/templates/internal/shared"
	"rung/templates/internal/sqltext"
)

// Return reverts the switch: the first column takes its place again.
func (o *online) Return() string {
	all := o.trade(func(fresh, former string) (string, string) { return fresh, former })
	for _, k := range o.Checks {
		all = append(all, k.Rename(k.Constraint, k.Fresh))
	}
	for _, p := range o.owed() {
		all = append(all, p.Add())
		all = append(all, p.Comments...)
	}
	for _, t := range o.Tables {
		for _, c := range t.Columns {
			if c.NotNull { // the CHECK stands for it again
				all = append(all, "ALTER TABLE "+t.T.As+"\n    ALTER COLUMN "+c.Fresh()+" DROP NOT NULL")
			}
		}
	}
	return sqltext.Statements(append(all, o.defaults(o.backWay.fill)...))
}

// owed are the constraints that the down migration needs again. They are added at
// the switch, and proved after it, beside reads and writes.
func (o *online) owed() []shared.Proof {
	var all []shared.Proof
	for _, t := range o.Tables {
		p := shared.Proof{Table: t.T.As}
		for _, c := range t.Columns {
			agree(&p, o, c)
			if c.NotNull {
				p.Want(c.filled, "CHECK ("+c.Fresh()+" IS NOT NULL)", true)
			}
			if o.Relaxed(c) {
				p.Want(c.relaxed(), "CHECK ("+c.Column()+" IS NOT NULL)", true)
			}
		}
		owe(&p, o.onTable(t.T.As), o.before, o)
		all = append(all, p)
	}
	return append(all, o.elsewhere()...)
}

// owe adds a table's own CHECKs as they were.
func owe(p *shared.Proof, checks []*dependents.Check, label func(int) string, o *online) {
	for _, k := range checks {
		p.Want(k.Constraint, o.k.Fill(k.Definition, label), k.Valid)
		p.Comments = append(p.Comments, k.Comment(k.Constraint)...)
	}
}

// elsewhere are the CHECKs of tables that name the type and have no column of it.
func (o *online) elsewhere() []shared.Proof {
	var all []shared.Proof
	for _, k := range o.Checks {
		if !sqltext.Has(o.rewritten(), k.Table) {
			p := shared.Proof{Table: k.Table}
			owe(&p, []*dependents.Check{k}, o.before, o)
			all = append(all, p)
		}
	}
	return all
}

// relaxed names the CHECK by which the first column gets its NOT NULL back.
func (c *onlineColumn) relaxed() string {
	return sqltext.Name(c.Name, c.EnumColumn.Column, "old_is_not_null")
}

// Redeem proves what the down migration promised.
func (o *online) Redeem() string {
	var all []string
	for _, p := range o.owed() {
		if len(p.Check) > 0 {
			all = append(all, p.Validate())
		}
	}
	for _, t := range o.Tables {
		for _, c := range t.Columns {
			if o.Relaxed(c) {
				all = append(all, "ALTER TABLE "+t.T.As+"\n    ALTER COLUMN "+c.Column()+" SET NOT NULL",
					"ALTER TABLE "+t.T.As+"\n    DROP CONSTRAINT "+pgtext.Ident(c.relaxed()))
			}
		}
	}
	return sqltext.Statements(all)
}

// Homeless stops the down migration while rows have values that are new.
func (o *online) Homeless() *lacking { return o.check(o.backWay) }

// Misfits stops the up migration while rows have values that the new type lacks.
func (o *online) Misfits() *lacking { return o.check(o.forthWay) }
