package retype

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
	"rung/templates/internal/shared"
	"rung/templates/internal/sqltext"
	"rung/templates/internal/task"
)

// replacementIndex is an index of the column, and the one that replaces it, on the second column.
type replacementIndex struct {
	shared.Replacement
	// Uses are how the table names it: they move with the name at the switch.
	Uses []string
	// Keys and Where are a unique index's key and condition over the column itself,
	// for a look at what will be equal; Keys is "" for others.
	Keys, Where string
	// NullsEqual is true where it takes NULL once only.
	NullsEqual bool
	// Constraint is true for the index of a UNIQUE constraint; How is what follows that,
	// and ConstraintSaid its comment.
	Constraint          bool
	How, ConstraintSaid string
	name, def           string
	columns             int
}

// KeysFormat is how messages show a key and how often it is there.
func (x replacementIndex) KeysFormat() string {
	return pgtext.Literal("%s × " + sqltext.KeyFormat(x.columns))
}

// namedConstraint is an index under one of its names, as the constraint that it is.
type namedConstraint struct {
	replacementIndex
	Table, Name string
}

// Beside is the index under a name.
func (x replacementIndex) Beside(table, name string) namedConstraint {
	return namedConstraint{x, table, name}
}

// replacementIndexes has the server write the column's indexes for other columns, on
// an empty table of the same kind whose column takes on those names.
func replacementIndexes(ctx context.Context, in *task.Input, c *conversion, fresh, old string) ([]replacementIndex, error) {
	t, column := c.t, c.col.Name
	all, err := indexesOf(ctx, in, t, column)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	if t.Partitioned {
		return nil, mistake.Refusef("%s is partitioned, and indexes with %s cannot be built again CONCURRENTLY", t.As, pgtext.Ident(column))
	}
	for _, x := range all {
		if err := ensure.Free(ctx, in, t, sqltext.Name(x.name, "new"), sqltext.Name(x.name, "old")); err != nil {
			return nil, err
		}
	}
	notice.Twice(in, slices.ContainsFunc(all, func(x replacementIndex) bool { return strings.Contains(x.Create, "UNIQUE") }), "_index", "_switch")
	err = in.DB.RolledBack(ctx, func() error {
		for n := range all {
			if err := mistake.FirstOf(all[n].retell(ctx, in, t, column, fresh, old), all[n].suits(ctx, in, c, fresh)); err != nil {
				return err
			}
		}
		return nil
	})
	return all, err
}

// retell finds out what the index is over the column's other names.
func (x *replacementIndex) retell(ctx context.Context, in *task.Input, t *catalog.Table, column, fresh, old string) error {
	_, tail, _ := pgtext.CutOutsideQuotes(x.def, " USING ")
	for to, name := range map[*string]string{&x.After: fresh, &x.Before: old} {
		def, err := catalog.Retold(ctx, in.DB, t.Full(), catalog.ProbeIndex(tail), "ALTER TABLE pg_temp.rung_probe RENAME COLUMN "+pgtext.Ident(column)+" TO "+pgtext.Ident(name), catalog.SQL("probe_index"))
		if err != nil {
			return err
		}
		_, tail, _ := pgtext.CutOutsideQuotes(def, " USING ")
		keys, where, _ := pgtext.CutOutsideQuotes(tail, " WHERE ")
		*to = sqltext.IndexLines(keys, where)
	}
	return nil
}

// suits refuses an index that cannot be built over the new type: its operator
// class or its condition may be for the old one alone.
func (x *replacementIndex) suits(ctx context.Context, in *task.Input, c *conversion, fresh string) error {
	err := in.DB.Exec(ctx, "SAVEPOINT rung_suits; CREATE TEMP TABLE rung_probe (LIKE "+c.t.Full()+");\n"+
		"ALTER TABLE pg_temp.rung_probe DROP COLUMN "+pgtext.Ident(c.col.Name)+", ADD COLUMN "+pgtext.Ident(fresh)+" "+c.typ+c.collation)
	if err != nil {
		return err
	}
	if err := in.DB.Exec(ctx, x.Create+" ON pg_temp.rung_probe "+x.After); err != nil {
		e := pq.As(err)
		if e == nil {
			return err
		}
		return mistake.New(fmt.Sprintf("index %s cannot be built over %s: %s", x.OldFull, c.typ, e.Message), "drop it before, and make one that suits the new type after it, in migrations of their own")
	}
	return in.DB.Exec(ctx, "ROLLBACK TO SAVEPOINT rung_suits; RELEASE SAVEPOINT rung_suits")
}

// converted is the table as it will be, for a query.
func (c *conversion) converted(typ, expression string) string {
	all := sqltext.JoinBy(c.t.Columns, ", ", func(o catalog.Column) string {
		if o.Name == c.col.Name {
			return "(" + expression + ")::" + typ + " AS " + pgtext.Ident(o.Name)
		}
		return pgtext.Ident(o.Name)
	})
	return "(SELECT " + all + " FROM " + c.t.As + ") AS " + pgtext.Ident(c.t.Name)
}

// meets are the unique indexes that could find values equal that were not: none
// where a cast keeps apart what is different.
func (c *conversion) meets(ctx context.Context, in *task.Input, all []replacementIndex, from, to string) (some []replacementIndex, err error) {
	var apart bool
	f, err := in.DB.UsualType(ctx, from)
	if err != nil {
		return nil, err
	}
	t, err := in.DB.UsualType(ctx, to)
	if err != nil {
		return nil, err
	}
	err = in.DB.QueryRow(ctx, catalog.SQL("comparison_apart"), f, to, t).Scan(&apart)
	if err != nil || apart && !c.forthSaid && !c.backSaid {
		return nil, err
	}
	for _, x := range all {
		if x.Keys != "" {
			some = append(some, x)
		}
	}
	return some, nil
}

// indexesOf are the table's indexes that have to do with a column.
func indexesOf(ctx context.Context, in *task.Input, t *catalog.Table, column string) ([]replacementIndex, error) {
	rows, err := in.DB.Query(ctx, catalog.SQL("column_indexes"), t.OID, column)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []replacementIndex
	for rows.Next() {
		var x replacementIndex
		var unique, clustered, identity, own, valid bool
		if err := rows.Scan(&x.name, &x.def, &unique, &x.Said, &clustered, &identity, &own, &x.NullsEqual, &x.Keys, &x.columns, &x.Where, &valid, &x.Constraint, &x.How, &x.ConstraintSaid); err != nil {
			return nil, err
		}
		if !unique {
			x.Keys = ""
		}
		if !valid {
			return nil, mistake.New(fmt.Sprintf("index %s is invalid: its build failed", t.Beside(x.name)), "drop it, or REINDEX INDEX CONCURRENTLY, before")
		}
		if own {
			return nil, mistake.Refusef("index %s has a tablespace or statistics of its own, which one that is built again would not have", t.Beside(x.name))
		}
		fresh, former := sqltext.Name(x.name, "new"), sqltext.Name(x.name, "old")
		x.Create = "CREATE " + map[bool]string{true: "UNIQUE "}[unique] + "INDEX"
		x.Old, x.OldFull = pgtext.Ident(x.name), t.Beside(x.name)
		x.New, x.NewFull = pgtext.Ident(fresh), t.Beside(fresh)
		x.Former, x.FormerFull = pgtext.Ident(former), t.Beside(former)
		if clustered {
			x.Uses = append(x.Uses, "CLUSTER ON "+x.Old)
		}
		if identity {
			x.Uses = append(x.Uses, "REPLICA IDENTITY USING INDEX "+x.Old)
		}
		all = append(all, x)
	}
	slices.SortStableFunc(all, func(a, b replacementIndex) int { return strings.Compare(a.Create, b.Create) }) // unique ones last: see notice.Twice
	return all, rows.Err()
}
