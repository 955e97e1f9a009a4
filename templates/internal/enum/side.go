package enum

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/lib/pq"

	"rung/internal/pgtext"
	"rung/templates/internal/catalog"
	"rung/templates/internal/dependents"
	"rung/templates/internal/ensure"
	"rung/templates/internal/mistake"
	"rung/templates/internal/sqltext"
	"rung/templates/internal/task"
	"rung/templates/internal/words"
)

// sideTables keep, for rows whose values are merged, which one they had. The
// down migration is exact by them.
type sideTables struct {
	c      *Change
	tables []*sideTable
	// texts is true where the columns are of a text type once they have their values back.
	texts bool
}

type sideTable struct {
	of      *sideTables
	t       *catalog.Table
	Name    string // the side table's, as SQL
	columns []catalog.EnumColumn
	// Quiet are the triggers and rules that must not see the values come back.
	Quiet []quiet
}

// quiet is a trigger or rule, as ALTER TABLE names it, of a table or partition.
// Copies are what to say of a trigger's copies once it is as it was.
type quiet struct {
	Table, What, State string
	Copies             []string
}

// all are the side tables; none of nil.
func (t *sideTables) all() []*sideTable {
	if t == nil {
		return nil
	}
	return t.tables
}

// findSides works out what must be kept; nil where a table has no key to keep
// it by.
func findSides(ctx context.Context, in *task.Input, s *swap) (*sideTables, error) {
	side := &sideTables{c: s.Change}
	at := map[uint32]int{}
	for _, col := range s.Enum.Columns {
		if col.Generated {
			continue
		}
		i, known := at[col.Table]
		if !known {
			one, err := findSide(ctx, in, s, col)
			if one == nil || err != nil {
				s.keyless = col.TableAs()
				return nil, err
			}
			i, at[col.Table] = len(side.tables), len(side.tables)
			one.of = side
			side.tables = append(side.tables, one)
		}
		side.tables[i].columns = append(side.tables[i].columns, col)
	}
	return side, nil
}

func findSide(ctx context.Context, in *task.Input, s *swap, col catalog.EnumColumn) (*sideTable, error) {
	t, err := in.DB.Table(ctx, col.TableAs())
	if err != nil {
		return nil, err
	}
	var columns []string // of the type
	for _, c := range s.Enum.Columns {
		if c.Table == col.Table {
			columns = append(columns, c.Column)
		}
	}
	// A key of any length tells rows apart; that of batches would be of two columns at most.
	t.Key, err = in.DB.Strings(ctx, catalog.SQL("keywithout"), t.OID, pq.Array(columns))
	if err != nil || len(t.Key) == 0 {
		return nil, err
	}
	for _, c := range s.k.Children {
		if !t.Partitioned && strings.HasPrefix(c.Root, fmt.Sprintf("%d:", col.Table)) {
			return nil, nil // a key says nothing of the tables that inherit
		}
	}
	name := sqltext.Name(t.Name, s.Enum.Name, "before")
	if err := ensure.Free(ctx, in, t, name); err != nil {
		var taken *mistake.Mistake
		if errors.As(err, &taken) {
			taken.Hint = "an earlier merge left it; drop it in a migration if that merge need not be reverted"
		}
		return nil, err
	}
	one := &sideTable{t: t, Name: pgtext.Ident(t.Schema) + "." + pgtext.Ident(name)}
	one.Quiet, err = catalog.List(ctx, in.DB, func(rows *sql.Rows) (x quiet, err error) {
		err = rows.Scan(&x.Table, &x.What, &x.State, (*pq.StringArray)(&x.Copies))
		return x, err
	}, catalog.SQL("usertriggers"), t.OID, sqltext.OIDArray(s.k.Of.Oids["pg_trigger"]), sqltext.OIDArray(s.k.Of.Oids["pg_rewrite"]))
	return one, err
}

// lost are the values that the down migration by itself turns into another one.
func (c *Change) lost() []words.Pair {
	back := c.backMap()
	var all []words.Pair
	for _, l := range c.Old {
		if to, ok := c.To[l]; ok && back[to] != l {
			all = append(all, words.Pair{From: l, To: back[to]})
		}
	}
	return all
}

// bears is the condition that a column's value has one of the lost values.
func (t *sideTables) bears(value string, c catalog.EnumColumn, cast string) string {
	lost := sqltext.Join(words.Froms(t.c.lost()), sqltext.EnumValue)
	if c.Array {
		return value + " && ARRAY[" + lost + "]::" + cast + "[]"
	}
	return value + " IN (" + lost + ")"
}

// keptColumn is a column in a side table, and how its values come back. All is as SQL.
type keptColumn struct {
	Column, Cast string
	// Lost is true of a value that the side table must keep, and Kept of one that it has.
	Lost, Kept string
	// Now is the value, and Became what the kept one has become: a row whose value is another
	// one by now keeps that. Value is the kept one.
	Now, Became, Value string
}

// Columns are the columns that a side table keeps.
func (one *sideTable) Columns() []keptColumn {
	var all []keptColumn
	for _, c := range one.columns {
		all = append(all, one.of.kept(c))
	}
	return all
}

// Key is the key of the table, and of the side table.
func (one *sideTable) Key() string { return one.t.KeyList() }

// Table is the table whose rows these are.
func (one *sideTable) Table() string { return one.columns[0].TableAs() }

// On joins the table, t, and its side table, b.
func (one *sideTable) On() string {
	return sqltext.JoinBy(one.t.Key, "\n   AND ", func(k string) string { return "t." + pgtext.Ident(k) + " = b." + pgtext.Ident(k) })
}

func (t *sideTables) kept(c catalog.EnumColumn) keptColumn {
	column, lost := pgtext.Ident(c.Column), t.c.lost()
	k := keptColumn{Column: column, Cast: "text", Lost: t.bears(column, c, t.c.Enum.Full), Kept: t.bears("b."+column, c, "text")}
	typ, cast := t.c.Enum.Full, ""
	k.Now, k.Became, k.Value = "t."+column, "CASE b."+column, "b."+column+"::"+typ
	switch {
	case c.Array:
		k.Cast = "text[]"
		k.Now, k.Became, k.Value = k.Now+"::text[]", replaceAll("b."+column, InOrder(lost, t.c.Old)), k.Value+"[]"
		return k
	case t.texts:
		k.Now += "::text"
	default:
		// Constants of the type: to cast a column to it is STABLE, which an UPDATE of a Citus
		// cluster's shards may not be.
		cast, k.Value = "::"+typ, "CASE b."+column
		for _, s := range lost {
			k.Value += " WHEN " + sqltext.EnumValue(s.From) + " THEN " + sqltext.EnumValue(s.From) + cast
		}
		k.Value += " END"
	}
	for _, s := range lost {
		k.Became += " WHEN " + sqltext.EnumValue(s.From) + " THEN " + sqltext.EnumValue(s.To) + cast
	}
	k.Became += " END"
	return k
}

// Again is the word by which ALTER TABLE gives a trigger or rule its state again.
func (q quiet) Again() string { return cmp.Or(dependents.StateWords[q.State], "ENABLE") }

// irreversible says why there is no down migration, if there is none.
func (s *swap) irreversible() string {
	if !s.Merged || s.side != nil {
		return ""
	}
	return "values became one, and " + s.keyless + " has no key other than the columns of the enum by which to keep which row had which"
}
