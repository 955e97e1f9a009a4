package enum

import (
	"slices"
	"strings"

	"rung/templates/internal/sqltext"
)

// CreateFresh is the new type under its name of before the switch;
// CreateFormer the old one again.
func (o *online) CreateFresh() newEnum { return o.create(o.FreshType(), o.New) }

// CreateFormer is CreateFresh for the down migration of the contract.
func (o *online) CreateFormer() newEnum { return o.create(o.FormerType(), o.Old) }

func (o *online) create(name string, values []string) newEnum {
	e := newEnum{Name: name, Values: values}
	for _, s := range o.k.TypeEnd { // owner, grants and comment
		e.Then = append(e.Then, strings.Replace(s, " TYPE "+o.Enum.Full+" ", " TYPE "+name+" ", 1))
	}
	return e
}

// columnsOf are columns that a file adds to a table, or fills.
type columnsOf struct {
	Table   string
	Columns []columnOf
	// Then gives new ones what columns have beside their type.
	Then []string
	// InBatch bounds an UPDATE to a batch's rows.
	InBatch string
}

// columnOf is one of them: its name and type, or its value and the column that is from.
type columnOf struct{ Name, Type, Value, From string }

// AddFresh are a table's second columns.
func (o *online) AddFresh(t *onlineTable) columnsOf {
	add := columnsOf{Table: t.T.As}
	for _, c := range t.Columns {
		add.Columns = append(add.Columns, columnOf{Name: c.Fresh(), Type: c.Of(o.FreshType())})
		add.Then = append(add.Then, c.DressFresh...)
	}
	return add
}

// AddFormer are its first ones, for the down migration of the contract.
func (o *online) AddFormer(t *onlineTable) columnsOf {
	add := columnsOf{Table: t.T.As}
	for _, c := range t.Columns {
		add.Columns = append(add.Columns, columnOf{Name: c.Former(), Type: c.Of(o.FormerType())})
		add.Then = append(add.Then, c.DressFormer...)
	}
	return add
}

// Fill is what old rows have in the second columns; FillFormer what in the first ones.
func (o *online) Fill(t *onlineTable) columnsOf {
	return t.filled((*onlineColumn).Fresh, o.Forth)
}

// FillFormer is Fill for the down migration of the contract.
func (o *online) FillFormer(t *onlineTable) columnsOf {
	return t.filled((*onlineColumn).Former, o.Back)
}

func (t *onlineTable) filled(name, value func(*onlineColumn) string) columnsOf {
	fill := columnsOf{Table: t.T.As, InBatch: t.T.InBatch("")}
	for _, c := range t.Columns {
		fill.Columns = append(fill.Columns, columnOf{Name: name(c), Value: sqltext.IndentBy(11, value(c)), From: c.Column()})
	}
	return fill
}

// Required are the first columns that come back and get their NOT NULL again.
func (o *online) Required(t *onlineTable) []*onlineColumn {
	return slices.DeleteFunc(t.NotNull(), o.Relaxed)
}

// Analyzed are the tables whose extended statistics are made again.
func (o *online) Analyzed() []string {
	for _, p := range o.k.Pieces {
		if strings.HasPrefix(p.What, "statistics ") {
			return o.rewritten()
		}
	}
	return nil
}
