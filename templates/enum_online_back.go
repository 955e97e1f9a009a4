package templates

import "rung/internal/pgtext"

// Unsettle is the first part of reverting the switch.
func (o *online) Unsettle() string {
	return statements(o.defaults(func(string) string { return "" }))
}

// Return reverts the switch: the first column takes its place again.
func (o *online) Return() string {
	all := o.trade(func(fresh, former string) (string, string) { return fresh, former })
	for _, k := range o.Checks {
		all = append(all, k.rename(k.name, k.fresh))
	}
	for _, p := range o.owed() {
		all = append(all, p.Add())
		all = append(all, p.comments...)
	}
	for _, t := range o.Tables {
		for _, c := range t.Columns {
			if c.NotNull { // the CHECK stands for it again
				all = append(all, "ALTER TABLE "+t.T.As+"\n    ALTER COLUMN "+c.Fresh()+" DROP NOT NULL")
			}
		}
	}
	return statements(append(all, o.defaults(o.backWay.fill)...))
}

// owed are the constraints that the down migration needs again. They are added at
// the switch, and proved after it, beside reads and writes.
func (o *online) owed() []proof {
	var all []proof
	for _, t := range o.Tables {
		p := proof{table: t.T.As}
		for _, c := range t.Columns {
			p.agree(o, c)
			if c.NotNull {
				p.want(c.filled, "CHECK ("+c.Fresh()+" IS NOT NULL)", true)
			}
			if o.relaxed(c) {
				p.want(c.relaxed(), "CHECK ("+c.Column()+" IS NOT NULL)", true)
			}
		}
		p.owe(o.onTable(t.T.As), o.before, o)
		all = append(all, p)
	}
	return append(all, o.elsewhere()...)
}

// owe adds a table's own CHECKs as they were.
func (p *proof) owe(checks []*onlineCheck, label func(int) string, o *online) {
	for _, k := range checks {
		p.want(k.name, o.k.fill(k.def, label), k.valid)
		p.comments = append(p.comments, k.comment(k.name)...)
	}
}

// elsewhere are the CHECKs of tables that name the type and have no column of it.
func (o *online) elsewhere() []proof {
	var all []proof
	for _, k := range o.Checks {
		if !has(o.rewritten(), k.Table) {
			p := proof{table: k.Table}
			p.owe([]*onlineCheck{k}, o.before, o)
			all = append(all, p)
		}
	}
	return all
}

// relaxed names the CHECK by which the first column gets its NOT NULL back.
func (c *onlineColumn) relaxed() string { return Name(c.Name, c.EnumColumn.Column, "old_is_not_null") }

// Redeem proves what the down migration promised.
func (o *online) Redeem() string {
	var all []string
	for _, p := range o.owed() {
		if len(p.check) > 0 {
			all = append(all, p.Validate())
		}
	}
	for _, t := range o.Tables {
		for _, c := range t.Columns {
			if o.relaxed(c) {
				all = append(all, "ALTER TABLE "+t.T.As+"\n    ALTER COLUMN "+c.Column()+" SET NOT NULL",
					"ALTER TABLE "+t.T.As+"\n    DROP CONSTRAINT "+pgtext.Ident(c.relaxed()))
			}
		}
	}
	return statements(all)
}

// Homeless stops the down migration while rows have values that are new.
func (o *online) Homeless() string { return o.check(o.backWay) }

// Misfits stops the up migration while rows have values that the new type lacks.
func (o *online) Misfits() string { return o.check(o.forthWay) }
