package enum

import (
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
	tables []sideTable
	// texts is true where the columns are of a text type once they have their values back.
	texts bool
}

type sideTable struct {
	t       *catalog.Table
	name    string // the side table's, as SQL
	columns []catalog.EnumColumn
	// quiet are the triggers and rules that must not see the values come back.
	quiet []quiet
}

// quiet is a trigger or rule, as ALTER TABLE names it, of a table or partition.
// Copies are what to say of a trigger's copies once it is as it was.
type quiet struct {
	Table, What, State string
	Copies             []string
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
			side.tables = append(side.tables, *one)
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
	var labels []string
	for _, c := range s.Enum.Columns {
		if c.Table == col.Table {
			labels = append(labels, c.Column)
		}
	}
	// A key of any length tells rows apart; that of batches would be of two columns at most.
	t.Key, err = in.DB.Strings(ctx, catalog.SQL("keywithout"), t.OID, pq.Array(labels))
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
	one := &sideTable{t: t, name: pgtext.Ident(t.Schema) + "." + pgtext.Ident(name)}
	one.quiet, err = catalog.List(ctx, in.DB, func(rows *sql.Rows) (x quiet, err error) {
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

func (t *sideTables) keep() string {
	var all []string
	for _, one := range t.tables {
		columns, where := []string{one.t.KeyList()}, []string{}
		for _, c := range one.columns {
			text := "::text"
			if c.Array {
				text = "::text[]"
			}
			columns = append(columns, pgtext.Ident(c.Column)+text+" AS "+pgtext.Ident(c.Column))
			where = append(where, t.bears(pgtext.Ident(c.Column), c, t.c.Enum.Full))
		}
		all = append(all,
			"CREATE TABLE "+one.name+" AS\nSELECT "+strings.Join(columns, ", ")+"\n  FROM "+one.columns[0].TableAs()+"\n WHERE "+strings.Join(where, "\n    OR "),
			"ALTER TABLE "+one.name+"\n    ADD PRIMARY KEY ("+one.t.KeyList()+")")
	}
	return sqltext.Statements(all)
}

// restore gives rows their values back, unless they have got another one since.
func (t *sideTables) restore() string {
	var all []string
	for _, one := range t.tables {
		table := one.columns[0].TableAs()
		for _, x := range one.quiet {
			all = append(all, "ALTER TABLE "+x.Table+"\n    DISABLE "+x.What)
		}
		for _, c := range one.columns {
			all = append(all, t.restoreColumn(one, c, table))
		}
		for _, x := range one.quiet {
			word := dependents.StateWords[x.State]
			if word == "" {
				word = "ENABLE"
			}
			all = append(all, "ALTER TABLE "+x.Table+"\n    "+word+" "+x.What)
			all = append(all, x.Copies...)
		}
	}
	return sqltext.Statements(all)
}

func (t *sideTables) restoreColumn(one sideTable, c catalog.EnumColumn, table string) string {
	column, lost := pgtext.Ident(c.Column), t.c.lost()
	typ, cast := t.c.Enum.Full, ""
	now, was, value := "t."+column, "CASE b."+column, "b."+column+"::"+typ
	switch {
	case c.Array:
		now, was, value = now+"::text[]", replaceAll("b."+column, InOrder(lost, t.c.Old)), value+"[]"
	case t.texts:
		now = now + "::text"
	default:
		// Constants of the type: to cast a column to it is STABLE, which an UPDATE of a Citus
		// cluster's shards may not be.
		cast, value = "::"+typ, "CASE b."+column
		for _, s := range lost {
			value += " WHEN " + sqltext.EnumValue(s.From) + " THEN " + sqltext.EnumValue(s.From) + cast
		}
		value += " END"
	}
	if !c.Array {
		for _, s := range lost {
			was += " WHEN " + sqltext.EnumValue(s.From) + " THEN " + sqltext.EnumValue(s.To) + cast
		}
		was += " END"
	}
	var keys []string
	for _, k := range one.t.Key {
		keys = append(keys, "t."+pgtext.Ident(k)+" = b."+pgtext.Ident(k))
	}
	return "UPDATE " + table + " AS t\n   SET " + column + " = " + value + "\n  FROM " + one.name + " AS b\n WHERE " +
		strings.Join(append(keys, t.bears("b."+column, c, "text"), now+" = "+was), "\n   AND ")
}

func (t *sideTables) forget() string {
	var all []string
	for _, one := range t.tables {
		all = append(all, "DROP TABLE "+one.name)
	}
	return sqltext.Statements(all)
}

// irreversible says why there is no down migration, if there is none.
func (s *swap) irreversible() string {
	if !s.Merged || s.side != nil {
		return ""
	}
	return "values became one, and " + s.keyless + " has no key other than the columns of the enum by which to keep which row had which"
}
