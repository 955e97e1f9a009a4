package enum

import (
	"strings"

	"rung/internal/pgtext"
	"rung/templates/internal/catalog"
	"rung/templates/internal/sqltext"
)

// CreateFresh makes the new type under its name of before the switch;
// CreateFormer the old one again.
func (o *online) CreateFresh() string { return o.create(o.FreshType(), o.New) }

func (o *online) CreateFormer() string { return o.create(o.FormerType(), o.Old) }

func (o *online) create(name string, labels []string) string {
	all := []string{"CREATE TYPE " + name + " AS ENUM (\n    " + sqltext.JoinBy(labels, ",\n    ", sqltext.Label) + "\n)"}
	for _, s := range o.k.TypeEnd { // owner, grants and comment
		all = append(all, strings.Replace(s, " TYPE "+o.Enum.Full+" ", " TYPE "+name+" ", 1))
	}
	return sqltext.Statements(all)
}

// AddFresh adds a table's second columns; AddFormer its first ones again.
func (o *online) AddFresh(t *onlineTable) string {
	return o.add(t, func(c *onlineColumn) (string, string, []string) { return c.Fresh(), o.FreshType(), c.DressFresh })
}

func (o *online) AddFormer(t *onlineTable) string {
	return o.add(t, func(c *onlineColumn) (string, string, []string) { return c.Former(), o.FormerType(), c.DressFormer })
}

func (o *online) add(t *onlineTable, of func(*onlineColumn) (name, typ string, dress []string)) string {
	var add, dressed []string
	for _, c := range t.Columns {
		name, typ, dress := of(c)
		add, dressed = append(add, "ADD COLUMN "+name+" "+c.Of(typ)), append(dressed, dress...)
	}
	return sqltext.Statements(append([]string{sqltext.AlterTable(t.T.As, add)}, dressed...))
}

func (o *online) DropFresh(t *onlineTable) string {
	return sqltext.AlterTable(t.T.As, t.each("DROP COLUMN IF EXISTS ", (*onlineColumn).Fresh)) + ";"
}

func (o *online) DropFormer(t *onlineTable) string {
	return sqltext.AlterTable(t.T.As, t.each("DROP COLUMN ", (*onlineColumn).Former)) + ";"
}

func (t *onlineTable) each(before string, f func(*onlineColumn) string) []string {
	var all []string
	for _, c := range t.Columns {
		all = append(all, before+f(c))
	}
	return all
}

// Fill gives old rows the second columns' values; FillFormer the first ones'.
func (o *online) Fill(t *onlineTable) string {
	return o.update(t, (*onlineColumn).Fresh, o.Forth)
}

func (o *online) FillFormer(t *onlineTable) string {
	return o.update(t, (*onlineColumn).Former, o.Back)
}

func (o *online) update(t *onlineTable, name, value func(*onlineColumn) string) string {
	var set, open []string
	for _, c := range t.Columns {
		set = append(set, name(c)+" = "+sqltext.IndentBy(11, value(c)))
		open = append(open, name(c)+" IS NULL AND "+c.Column()+" IS NOT NULL")
	}
	return "UPDATE " + t.T.As + "\n   SET " + strings.Join(set, ",\n       ") + catalog.BatchOf(t.T, open)
}

// Empty takes the second columns' values back.
func (o *online) Empty(t *onlineTable) string {
	set, filled := t.each("", func(c *onlineColumn) string { return c.Fresh() + " = NULL" }), t.each("", func(c *onlineColumn) string { return c.Fresh() + " IS NOT NULL" })
	return "UPDATE " + t.T.As + "\n   SET " + strings.Join(set, ",\n       ") + catalog.BatchOf(t.T, filled)
}

// Require gives first columns that came back their NOT NULL, without a scan
// under a lock.
func (o *online) Require(t *onlineTable) string {
	var add, validate, set, drop []string
	for _, c := range t.Columns {
		if c.NotNull && !o.relaxed(c) {
			add = append(add, "ADD CONSTRAINT "+pgtext.Ident(c.filled)+" CHECK ("+c.Former()+" IS NOT NULL) NOT VALID")
			validate = append(validate, "VALIDATE CONSTRAINT "+pgtext.Ident(c.filled))
			set = append(set, "ALTER COLUMN "+c.Former()+" SET NOT NULL")
			drop = append(drop, "DROP CONSTRAINT "+pgtext.Ident(c.filled))
		}
	}
	if len(add) == 0 {
		return ""
	}
	return sqltext.Statements([]string{sqltext.AlterTable(t.T.As, add), sqltext.AlterTable(t.T.As, validate), sqltext.AlterTable(t.T.As, set), sqltext.AlterTable(t.T.As, drop)})
}

// Stirred analyzes the tables whose extended statistics are made again.
func (o *online) Stirred() string {
	for _, p := range o.k.Pieces {
		if strings.HasPrefix(p.What, "statistics ") {
			return sqltext.Statements(sqltext.Prefixed("ANALYZE ", o.rewritten()))
		}
	}
	return ""
}
