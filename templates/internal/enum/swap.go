package enum

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"rung/internal/pgtext"
	"rung/templates/internal/catalog"
	"rung/templates/internal/dependents"
	"rung/templates/internal/ensure"
	"rung/templates/internal/mistake"
	"rung/templates/internal/notice"
	"rung/templates/internal/sqltext"
	"rung/templates/internal/task"
)

// swap is a change of type in one transaction.
type swap struct {
	*Change
	k *dependents.Snapshot
	// former is the name of the old type meanwhile.
	former string
	side   *sideTables
	// keyless is a table whose rows no key tells apart, so that side is nil.
	keyless string
	// Doubled stops the file where rows would share a unique key; "" where none can.
	Doubled string
}

// swapped is what sql/enum-swap.sql sees. Irreversible is why it cannot be reverted.
type swapped struct {
	E            *catalog.Enum
	Up, Down     *direction
	Irreversible string
}

// onCluster refuses a merge in arrays on a Citus cluster: the down migration would read
// them as text in an UPDATE of the shards.
func (s *swap) onCluster(in *task.Input) error {
	if in.Cluster == "" || s.side == nil {
		return nil
	}
	for _, one := range s.side.tables {
		for _, c := range one.columns {
			if c.Array {
				return mistake.New(
					fmt.Sprintf("template enum-swap does not merge values in %s.%s, an array on a Citus cluster: its down migration would cast it, and \"STABLE functions used in UPDATE queries cannot be called with column references\"", c.TableAs(), pgtext.Ident(c.Column)),
					"change the rows by --template backfill first, and drop the value without a map",
				)
			}
		}
	}
	return nil
}

// Swap changes a type in one transaction, which rewrites its tables.
func Swap(ctx context.Context, in *task.Input) (any, error) {
	if in.DB == nil {
		return nil, mistake.New("enum-swap must see what depends on the type", "leave --offline out")
	}
	c, err := readChange(ctx, in)
	if err != nil {
		return nil, err
	}
	if c.Same() {
		return nil, mistake.Refusef("nothing to do: the values of %s are already %s", c.Enum.As, sqltext.Join(c.New, sqltext.EnumValue))
	}
	if err := c.Enum.MustLast(); err != nil {
		return nil, err
	}
	if err := mistake.FirstOf(c.mustFit(ctx, in), seeCasts(ctx, in, c)); err != nil {
		return nil, err
	}
	s := &swap{Change: c}
	if s.Doubled, err = c.mustStayUnique(ctx, in.DB); err != nil {
		return nil, err
	}
	if err := s.look(ctx, in, "enum-swap", dependents.Everything); err != nil {
		return nil, err
	}
	if err := s.uses(); err != nil {
		return nil, err
	}
	if c.Merged {
		if s.side, err = findSides(ctx, in, s); err != nil {
			return nil, err
		}
	}
	if err := s.onCluster(in); err != nil {
		return nil, err
	}
	touch, err := s.functions(ctx, in)
	if err != nil {
		return nil, err
	}
	if err := s.report(ctx, in); err != nil {
		return nil, err
	}
	up, down := s.forth(), s.back()
	up.Touch, down.Touch = touch, touch
	return swapped{c.Enum, up, down, s.irreversible()}, nil
}

// look reads the dependent objects of the type, and refuses what cannot be carried along.
func (s *swap) look(ctx context.Context, in *task.Input, by string, read func(*dependents.Reader) []func() error) error {
	if err := s.Enum.MustLast(); err != nil {
		return err
	}
	h, err := dependents.Hangs(ctx, in.DB, by, s.Enum)
	if err != nil {
		return err
	}
	var tables []int64
	for _, c := range s.Enum.Columns {
		if !c.Owned {
			return mistake.New(fmt.Sprintf("this role does not own %s; its owner is %s", c.TableAs(), c.Owner), "connect as its owner, or use --role")
		}
		tables = append(tables, int64(c.Table))
	}
	holders, err := catalog.List(ctx, in.DB, catalog.ScanString, catalog.SQL("rowtypes"), sqltext.OIDArray(tables), sqltext.OIDArray(h.Views))
	if err != nil {
		return err
	}
	if len(holders) > 0 {
		return mistake.New("whole rows of a table or view with the type are stored in "+strings.Join(holders, ", "), "PostgreSQL cannot rewrite those")
	}
	if s.k, err = dependents.Read(ctx, in.DB, s.Enum, h, read); err != nil {
		return err
	}
	if err := s.k.MustKeepTexts(); err != nil {
		return err
	}
	s.k.Tables = sqltext.Unique(append(s.k.Tables, s.rewritten()...))
	if err := ensure.MustOwn(ctx, in, s.k.Tables, h.Views); err != nil {
		return err
	}
	s.former = s.k.FreeType(s.Enum.Name, "old")
	return nil
}

// uses refuses values without a place that definitions name: those of the
// snapshot, and more.
func (s *swap) uses(more ...dependents.Piece) error {
	var found []string
	check := func(what, sql string) {
		for i, l := range s.Old {
			if _, ok := s.To[l]; !ok && strings.Contains(sql, s.k.Marks[i]) {
				found = append(found, fmt.Sprintf("%s is named by %s", sqltext.EnumValue(l), what))
			}
		}
	}
	for _, p := range slices.Concat(s.k.Pieces, more) {
		if len(p.KeepsOut) == 0 {
			check(p.What, strings.Join(p.Make, "\n"))
		}
	}
	for key, expr := range s.k.Defaults {
		check("the default of "+s.columnName(key), expr)
	}
	for _, d := range s.k.Others {
		check("the default of "+d.Table+"."+d.Column, d.Expr)
	}
	if len(found) == 0 {
		return nil
	}
	return mistake.New("values that are removed are still in use: "+strings.Join(sqltext.Unique(found), "; "), "give each a place by map, or change these first")
}

func (s *swap) columnName(key string) string {
	for _, c := range s.Enum.Columns {
		if fmt.Sprintf("%d:%d", c.Table, c.Number) == key {
			return c.String()
		}
	}
	for _, c := range s.k.Children {
		if c.Key == key {
			return c.Table + "." + pgtext.Ident(c.Column)
		}
	}
	return "a column"
}

// functions are those that open sessions must plan anew.
func (s *swap) functions(ctx context.Context, in *task.Input) ([]string, error) {
	relations := slices.Clone(s.k.Of.Views)
	for _, c := range s.Enum.Columns {
		relations = append(relations, int64(c.Table))
	}
	rows, err := in.DB.Query(ctx, catalog.SQL("functions"), sqltext.OIDArray(relations), s.Enum.Name)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var touch, foreign []string
	for rows.Next() {
		var name, same string
		var owned bool
		if err := rows.Scan(&name, &same, &owned); err != nil {
			return nil, err
		}
		if owned {
			touch = append(touch, "ALTER "+name+" "+same)
		} else {
			foreign = append(foreign, name)
		}
	}
	if len(foreign) > 0 {
		in.Sayf("open sessions that have used %s must reconnect: this role does not own it", strings.Join(foreign, ", "))
	}
	return touch, rows.Err()
}

// report says what will be locked, and what SQL cannot see to.
func (s *swap) report(ctx context.Context, in *task.Input) error {
	bytes, rows := s.Enum.Bytes()
	in.SayRewrite(s.k.Tables, rows, bytes)
	if len(s.k.Pieces) > 0 {
		var what []string
		for _, p := range s.k.Pieces {
			what = append(what, p.What)
		}
		in.Sayf("dropped and made again: %s", strings.Join(what, ", "))
	}
	dependents.SayRemade(in, s.k.Pieces)
	if !s.k.Last {
		in.Sayf("a generated column is dropped and made again, and moves to the end of its table")
	}
	if s.side != nil {
		for _, t := range s.side.tables {
			in.Sayf("%s keeps which row had which value for the down migration; drop it when you no longer need that", t.Name)
		}
	} else if s.Merged {
		in.Sayf("the down migration cannot tell merged values apart: %s", s.irreversible())
	}
	for _, p := range s.k.Pieces {
		if len(p.KeepsOut) > 0 && len(s.stillOut(p)) == 0 {
			in.Sayf("%s excludes values that no longer exist, so it is dropped for good", p.What)
		}
	}
	s.warnOfTexts(in)
	s.warnOfMerges(in)
	notice.Prepared(in, "a column of the type")
	in.Sayf("open sessions: a REPEATABLE READ transaction that is older sees no rows")
	return mistake.FirstOf(notice.Published(ctx, in, "a value", s.Enum.Tables()...), warnOfBodies(ctx, in, s.Change))
}

// warnOfTexts says which definitions have a value that changes as a text.
func (s *swap) warnOfTexts(in *task.Input, more ...dependents.Piece) {
	for _, p := range slices.Concat(s.k.Pieces, more) {
		for _, l := range s.Old {
			if s.To[l] != l && strings.Contains(strings.Join(p.Make, "\n"), pgtext.Literal(l)+"::text") {
				in.Sayf("%s has the text %s, which is left as it is: if it means the value, change it", p.What, sqltext.EnumValue(l))
			}
		}
	}
}
