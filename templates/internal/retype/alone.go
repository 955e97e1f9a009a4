package retype

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/lib/pq"

	"rung/internal/pgtext"
	"rung/templates/internal/catalog"
	"rung/templates/internal/dependents"
	"rung/templates/internal/ensure"
	"rung/templates/internal/mistake"
	"rung/templates/internal/sqltext"
	"rung/templates/internal/task"
)

// plainColumn refuses a column whose type is not the table's to change.
func plainColumn(ctx context.Context, in *task.Input, t *catalog.Table, col *catalog.Column) error {
	if col.Generated || col.Identity {
		hint := ""
		if isWidening(col, in.Params["type"]) {
			hint = keyHint + " --set table=" + t.As
		}
		return mistake.New(fmt.Sprintf("%s.%s is an identity or generated column", t.As, pgtext.Ident(col.Name)), hint)
	}
	typed, err := in.DB.Strings(ctx, catalog.SQL("table_of_type"), t.OID)
	if err != nil {
		return err
	}
	if len(typed) > 0 {
		return mistake.New(fmt.Sprintf("%s is a table of the type %s, and takes no other column", t.As, typed[0]), "run ALTER TABLE "+t.As+" NOT OF before")
	}
	parents, err := in.DB.Strings(ctx, catalog.SQL("table_parents"), t.OID, col.Name)
	if err != nil {
		return err
	}
	if len(parents) > 0 {
		return mistake.Refusef("%s.%s is inherited from %s, and cannot be renamed or dropped by itself", t.As, pgtext.Ident(col.Name), strings.Join(parents, ", "))
	}
	return nil
}

// keyHint is for integers that become bigint and are a key, or refer to one.
const keyHint = "a key becomes bigint together with the columns that refer to it, by --template bigint-key"

func isWidening(col *catalog.Column, typ string) bool {
	return (col.Type == "integer" || col.Type == "smallint") && slices.Contains([]string{"bigint", "int8"}, strings.ToLower(strings.TrimSpace(typ)))
}

// uncarriedHint is the advice for dependents that a second column cannot take over.
func (c *conversion) uncarriedHint(cannot []string) string {
	of := func(what string) bool {
		return slices.ContainsFunc(cannot, func(d string) bool { return strings.HasPrefix(d, what) })
	}
	switch isWider := isWidening(c.col, c.typ); {
	case isWider && of("primary key "):
		return keyHint + " --set table=" + c.t.As
	case isWider && of("foreign key "):
		return keyHint + ", with the table that is referred to"
	}
	return "drop them before and make them again after it, in migrations of their own; or rewrite the table in one transaction, by --set way=direct"
}

// carried is what depends on the column and goes over to the second one: at the switch
// by being dropped and made again, or, like CHECKs, by a second one built before it.
type carried struct {
	pieces []dependents.Piece
	Checks []secondCheck
	// Lock takes the table, and Drop and Make are what comes before and after the switch.
	Lock       *dependents.Lock
	Drop, Make string
	// Stirred is true where extended statistics are made again, and so are empty.
	Stirred bool
}

// secondCheck is a CHECK of the column, and the one of the second column.
type secondCheck struct {
	Name, New  string // as SQL
	Def, Forth string
	Valid      bool
	Said, Says string // its comment as a statement, and that of the new one
}

// carries reads what depends on the column, and refuses what a second column cannot
// take over without a scan or a rewrite under a lock.
func (c *conversion) carries(ctx context.Context, in *task.Input, fresh string) (*carried, error) {
	d := &altered{conversion: c}
	if err := d.dependents(ctx, in); err != nil {
		return nil, err
	}
	cannot, err := in.DB.Strings(ctx, catalog.SQL("uncarried"), pq.Array(d.h.Oids["m"]), pq.Array(d.h.Generated), pq.Array(d.h.Oids["pg_constraint"]), 0, 0)
	if err != nil {
		return nil, err
	}
	if len(cannot) > 0 {
		return nil, mistake.New(
			fmt.Sprintf("%s has dependents that a second column cannot take over: %s", d.e.As, strings.Join(cannot, "; ")),
			c.uncarriedHint(cannot),
		)
	}
	k, err := dependents.Read(ctx, in.DB, d.e, d.h, func(r *dependents.Reader) []func() error {
		return []func() error{
			r.Grants, r.ReadDefaults, r.Statistics, r.Views, r.Rules, r.Triggers, r.Policies, r.Publications,
			func() error { return d.readChecks(r) },
		}
	})
	if err != nil {
		return nil, err
	}
	if err := mistake.FirstOf(k.MustKeepTexts(), ensure.MustOwn(ctx, in, sqltext.Unique(append(k.Tables, c.t.Full())), k.Of.Views)); err != nil {
		return nil, err
	}
	all := &carried{pieces: k.Pieces}
	views, others := dependents.ViewsFirst(k.Pieces)
	all.Lock, all.Drop = dependents.Together([]string{c.t.As}, views), dependents.Drops(others)
	for _, p := range k.Pieces {
		all.Make += sqltext.Statements(p.Make)
		all.Stirred = all.Stirred || strings.HasPrefix(p.What, "statistics ")
	}
	if len(k.Pieces) > 0 {
		in.Sayf("dropped and made again at the switch: %s", sqltext.JoinBy(k.Pieces, ", ", func(p dependents.Piece) string { return p.What }))
		dependents.SayRemade(in, k.Pieces)
	}
	return all, in.DB.RolledBack(ctx, func() error { return all.asReplacement(ctx, in, d, fresh) })
}

// asReplacement makes of the CHECKs those of the second column, and tries them on it.
func (all *carried) asReplacement(ctx context.Context, in *task.Input, d *altered, fresh string) error {
	t, column := d.t, pgtext.Ident(d.col.Name)
	for _, k := range d.checks {
		rename := "ALTER TABLE pg_temp.rung_probe RENAME COLUMN " + column + " TO " + pgtext.Ident(fresh)
		forth, err := catalog.Retold(ctx, in.DB, t.Full(), catalog.ProbeCheck(k.Definition), rename, catalog.SQL("probe_check"))
		if err != nil {
			return err
		}
		name := sqltext.Name(k.Constraint, "new")
		if err := ensure.FreeConstraint(ctx, in, t, name); err != nil {
			return err
		}
		err = in.DB.Exec(ctx, "SAVEPOINT rung_suits; CREATE TEMP TABLE rung_probe (LIKE "+t.Full()+");\n"+
			"ALTER TABLE pg_temp.rung_probe DROP COLUMN "+column+", ADD COLUMN "+pgtext.Ident(fresh)+" "+d.typ+d.conversion.collation)
		if err == nil {
			err = in.DB.Exec(ctx, catalog.ProbeCheck(forth))
		}
		if e := pq.As(err); e != nil {
			return mistake.New(fmt.Sprintf("constraint %s does not fit %s: %s", k.Name(), d.typ, e.Message), "drop it before, and add one that fits the new type after it, in migrations of their own")
		} else if err != nil {
			return err
		}
		if err := in.DB.RollbackTo(ctx, "rung_suits"); err != nil {
			return err
		}
		all.Checks = append(all.Checks, secondCheck{
			Name: k.Name(), New: pgtext.Ident(name), Def: strings.TrimSuffix(k.Definition, " NOT VALID"), Forth: strings.TrimSuffix(forth, " NOT VALID"),
			Valid: k.Valid, Said: sqltext.Statements(k.Comment(k.Constraint)), Says: sqltext.Statements(k.Comment(name)),
		})
	}
	return nil
}
