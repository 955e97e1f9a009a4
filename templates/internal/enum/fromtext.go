package enum

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/lib/pq"

	"rung/internal/lazyre"
	"rung/internal/pgtext"
	"rung/templates/internal/catalog"
	"rung/templates/internal/dependents"
	"rung/templates/internal/ensure"
	"rung/templates/internal/mistake"
	"rung/templates/internal/notice"
	"rung/templates/internal/sqltext"
	"rung/templates/internal/task"
	"rung/templates/internal/words"
)

// textColumn is a column of text that is to hold values.
type textColumn struct {
	T          *catalog.Table
	Column     string // as SQL
	Back       string // its type, with its collation
	Default    string // its default's text; nil for none
	HasDefault bool
	Checks     []words.Pair // the CHECKs of the column: name and definition
	checkOIDs  []int64
	conditions []string // those of the CHECKs
	name       string
	notNull    bool
	number     int
	cannot     []string
	// Dress is what the down migration gives it again beside its type.
	Dress string
}

// fromText is what sql/text-to-enum.sql sees.
type fromText struct {
	Col   *textColumn
	Table string
	E     *catalog.Enum
	// Made is true where the file makes the type, Lost where the down migration cannot
	// tell merged texts apart.
	Made, Lost                        bool
	Values, Known                     []string
	Default, NewDefault, Using, Back  string
	Lock                              *dependents.Lock
	Drop, Make, Again, Doubled, Quote string
	Side                              []*sideTable
}

// FromText makes an enum of the texts in a column.
func FromText(ctx context.Context, in *task.Input) (any, error) {
	if err := in.MustLook(); err != nil {
		return nil, err
	}
	col, err := findTextColumn(ctx, in)
	if err != nil {
		return nil, err
	}
	values, err := valuesOf(ctx, in, col)
	if err != nil {
		return nil, err
	}
	typ, made, err := typeFor(ctx, in, col)
	if err != nil {
		return nil, err
	}
	cut, err := cutTexts(ctx, in, col, typ)
	if err != nil {
		return nil, err
	}
	c, err := textChange(in, values, typ, made, cut)
	if err != nil {
		return nil, err
	}
	if err := mistake.FirstOf(col.typeSays(ctx, in.DB, c), col.mustHold(c, cut)); err != nil {
		return nil, err
	}
	def, newDef, err := col.defaults(c)
	if err != nil {
		return nil, err
	}
	k, will, err := textPieces(ctx, in, col, typ, made, c)
	if err != nil {
		return nil, err
	}
	doubled, err := textsDoubled(ctx, in, col, typ, made, c)
	if err != nil {
		return nil, err
	}
	var side *sideTables
	if c.Merged {
		if side, err = textSide(ctx, in, c, k); err != nil {
			return nil, err
		}
	}
	reportText(in, col, c, will, side)
	make, again := col.rebuilt(k, will)
	table := col.T.Full()
	views, others := dependents.ViewsFirst(k.Pieces)
	locked := sqltext.Unique(append(k.Tables, table))
	if err := ensure.MustOwn(ctx, in, locked, k.Of.Views); err != nil {
		return nil, err
	}
	data := fromText{
		Col: col, Table: table, E: typ, Made: made, Values: c.New, Known: c.known(), Default: def, NewDefault: newDef,
		Lock: dependents.Together(locked, views),
		Drop: dependents.Drops(others), Make: make, Again: again, Doubled: doubled, Side: side.all(), Lost: c.Merged && side == nil, Quote: pgtext.DollarTag("check", col.Column+table+sqltext.Join(c.known(), sqltext.EnumValue)),
		Using: caseOf(col.Column+"::text", c.renames(), typ.Full), Back: caseOf(col.Column+"::text", c.textsBack(), col.bare()),
	}
	return data, nil
}

// rebuilt is what is dropped before the change, and made again after it or
// after the down migration.
func (col *textColumn) rebuilt(k *dependents.Snapshot, will []dependents.Piece) (make, again string) {
	var makes, remakes []string
	for i, p := range k.Pieces {
		makes, remakes = append(makes, will[i].Make...), append(remakes, p.Make...)
	}
	return sqltext.Statements(makes), sqltext.Statements(remakes)
}

// textSide keeps which text a row had where several become one value; nil
// where there is no key to keep it by.
func textSide(ctx context.Context, in *task.Input, c *Change, k *dependents.Snapshot) (*sideTables, error) {
	family, err := in.DB.Strings(ctx, catalog.SQL("family"), c.Enum.Columns[0].Table)
	if err != nil {
		return nil, err
	}
	side, err := findSides(ctx, in, &swap{Change: c, k: k})
	if side != nil && !side.tables[0].t.Partitioned && len(family) > 1 {
		return nil, err // a key says nothing of the tables that inherit
	}
	if side != nil {
		side.texts = true
	}
	return side, err
}

func reportText(in *task.Input, col *textColumn, c *Change, will []dependents.Piece, side *sideTables) {
	if len(col.Checks) > 0 {
		in.Sayf("the type takes the place of %s", sqltext.Join(words.Froms(col.Checks), func(s string) string { return s }))
	}
	in.SayRewrite([]string{col.T.As}, col.T.Rows, col.T.Bytes)
	if len(will) > 0 {
		in.Sayf("dropped and made again: %s", sqltext.JoinBy(will, ", ", func(p dependents.Piece) string { return p.What }))
	}
	notice.Prepared(in, col.T.As+"."+col.Column)
	in.Sayf("enum values sort in the order of the type, not alphabetically: check ORDER BY, <, min() and max() in programs and functions")
	dependents.SayRemade(in, will)
	for _, p := range will {
		for _, s := range c.renames() {
			if strings.Contains(strings.Join(p.Make, "\n"), pgtext.Literal(s.From)+"::") {
				in.Sayf("%s has the text %s, which is left as it is: if it means the value, change it", p.What, sqltext.EnumValue(s.From))
			}
		}
	}
	switch {
	case side != nil:
		in.Sayf("%s keeps which row had which text for the down migration; drop it when you no longer need that", side.tables[0].Name)
	case c.Merged:
		in.Sayf("several texts become one enum value, and without a key rung cannot keep which row had which: it cannot be reverted")
	}
}

// known are the texts that become values, and the values.
func (c *Change) known() []string {
	var known []string
	for _, l := range c.Old {
		if _, ok := c.To[l]; ok {
			known = append(known, l)
		}
	}
	for _, l := range c.New {
		if !sqltext.Has(known, l) {
			known = append(known, l)
		}
	}
	return known
}

// textsBack says which text comes back for a value, where that is another one.
func (c *Change) textsBack() []words.Pair {
	back := c.backMap()
	var steps []words.Pair
	for _, l := range c.New {
		if was, ok := back[l]; ok && was != l {
			steps = append(steps, words.Pair{From: l, To: was})
		}
	}
	return steps
}

// cutTexts are values and texts for which the column is too short.
func cutTexts(ctx context.Context, in *task.Input, col *textColumn, typ *catalog.Enum) ([]string, error) {
	pairs, wanted, err := mapAndValues(in)
	if err != nil {
		return nil, err
	}
	all := slices.Concat(typ.Values, wanted, words.Froms(pairs), words.Tos(pairs))
	return in.DB.Strings(ctx, "SELECT DISTINCT l FROM unnest($1::text[]) AS l WHERE l::"+col.bare()+"::text <> l", pq.Array(all))
}

// mustHold refuses values of which the down migration would make a text that is cut.
func (col *textColumn) mustHold(c *Change, cut []string) error {
	back := c.backMap()
	for _, l := range c.New {
		text, ok := back[l]
		if !ok {
			text = l
		}
		if sqltext.Has(cut, text) {
			return mistake.New(
				fmt.Sprintf("%s.%s is %s, and the down migration would cut %s", col.T.As, col.Column, col.Back, sqltext.EnumValue(text)),
				"choose a shorter value, or make the column text in an earlier migration",
			)
		}
	}
	return nil
}

// bare is the type without its collation.
func (col *textColumn) bare() string {
	bare, _, _ := strings.Cut(col.Back, " COLLATE ")
	return bare
}

// caseOf writes texts with some of them replaced, as a type.
func caseOf(value string, steps []words.Pair, typ string) string {
	if len(steps) == 0 {
		if typ == "text" {
			return value
		}
		return value + "::" + typ
	}
	lines := "CASE " + value
	for _, s := range steps {
		lines += "\n                  WHEN " + sqltext.EnumValue(s.From) + " THEN " + sqltext.EnumValue(s.To) + "::" + typ
	}
	return lines + "\n                  ELSE " + caseOf(value, nil, typ) + "\n              END"
}

// findTextColumn looks at the column.
func findTextColumn(ctx context.Context, in *task.Input) (*textColumn, error) {
	t, err := in.Table(ctx)
	if err != nil {
		return nil, err
	}
	found, err := t.Column(in.Params["column"])
	if err != nil {
		return nil, err
	}
	if err := t.MayAlter(); err != nil {
		return nil, err
	}
	col := &textColumn{T: t, name: found.Name, notNull: found.NotNull, Column: pgtext.Ident(found.Name), HasDefault: found.Default != ""}
	var kind, inherited bool
	err = in.DB.QueryRow(ctx, catalog.SQL("textcolumn"), t.OID, found.Name).Scan(&kind, &inherited, &col.number, &col.Back, (*pq.StringArray)(&col.cannot))
	switch {
	case err != nil:
		return nil, fmt.Errorf("look at %s: %w", col.Column, err)
	case !kind:
		return nil, mistake.Refusef("%s.%s is %s, not text", t.As, col.Column, found.Type)
	case inherited:
		return nil, mistake.New(fmt.Sprintf("%s has %s from its parent", t.As, col.Column), "change the parent")
	}
	col.Default = found.Default
	col.Checks, err = catalog.List(ctx, in.DB, func(rows *sql.Rows) (s words.Pair, err error) {
		var oid int64
		var condition string
		err = rows.Scan(&oid, &s.From, &s.To, &condition)
		col.checkOIDs, col.conditions = append(col.checkOIDs, oid), append(col.conditions, condition)
		return s, err
	}, catalog.SQL("textchecks"), t.OID, found.Name)
	if err != nil {
		return nil, err
	}
	apart, err := in.DB.Strings(ctx, catalog.SQL("owndefaults"), t.OID, found.Name)
	if err != nil {
		return nil, err
	}
	col.cannot = append(col.cannot, apart...)
	dress, err := in.DB.Strings(ctx, catalog.SQL("textsettings"), t.OID, found.Name, pq.Array(words.Froms(col.Checks)))
	if err != nil {
		return nil, err
	}
	col.Dress = sqltext.Statements(dress)
	return col, (&dependents.Snapshot{}).MustKeepTexts(dependents.Piece{What: "comments of CHECKs", Make: dress})
}

// valuesOf are the texts that rows have, up to a number that no enum has.
func valuesOf(ctx context.Context, in *task.Input, col *textColumn) ([]string, error) {
	const most = 500
	values, err := in.DB.Strings(ctx, fmt.Sprintf("SELECT DISTINCT %s::text COLLATE \"C\" FROM %s WHERE %[1]s IS NOT NULL ORDER BY 1 LIMIT %[3]d", col.Column, col.T.Full(), most+1))
	if err == nil && len(values) > most {
		err = mistake.Refusef("%s.%s has more than %d different values, too many for an enum", col.T.As, col.Column, most)
	}
	return values, err
}

// typeFor is the enum type of that name, or a new one.
func typeFor(ctx context.Context, in *task.Input, col *textColumn) (e *catalog.Enum, made bool, err error) {
	names, ok := words.SplitName(in.Params["type"])
	if !ok || len(names) > 2 {
		return nil, false, mistake.New(fmt.Sprintf("type=%s is no name of a type", in.Params["type"]), "write it as SQL does: status, app.status")
	}
	var there bool
	if err := in.DB.UsualRow(ctx, catalog.SQL("type_exists"), in.Params["type"]).Scan(&there); err != nil {
		return nil, false, ensure.BadParam("type", in.Params["type"], err)
	}
	if there {
		e, err = in.DB.Enum(ctx, in.Params["type"])
		return e, false, err
	}
	e = &catalog.Enum{As: in.Params["type"], Name: names[len(names)-1], Schema: col.T.Schema}
	if len(names) == 2 {
		e.Schema = names[0]
	}
	if len(e.Name) > 63 {
		return nil, false, mistake.Refusef("type name %q is longer than PostgreSQL's 63 bytes", e.Name)
	}
	e.Full = pgtext.Ident(e.Schema) + "." + pgtext.Ident(e.Name)
	return e, true, nil
}

// textChange says which text becomes which value, and refuses texts that
// become none.
func textChange(in *task.Input, values []string, typ *catalog.Enum, made bool, cut []string) (*Change, error) {
	pairs, wanted, err := mapAndValues(in)
	if err != nil {
		return nil, err
	}
	c := &Change{Enum: &catalog.Enum{As: in.Params["column"]}, Old: slices.Clone(values), New: wanted}
	if !made {
		if len(c.New) > 0 && !slices.Equal(c.New, typ.Values) {
			return nil, mistake.New(fmt.Sprintf("type %s exists, with the values %s", typ.As, sqltext.Join(typ.Values, sqltext.EnumValue)), "leave values out, or name a new type")
		}
		c.New = typ.Values
	}
	for _, p := range pairs { // the rows may come later
		if !sqltext.Has(c.Old, p.From) {
			c.Old = append(c.Old, p.From)
		}
	}
	// A row may have any value as its text already that is not too long. Where another text becomes
	// that value too, the down migration has to know which was which.
	for _, l := range c.New {
		if !sqltext.Has(c.Old, l) && !sqltext.Has(cut, l) {
			c.Old = append(c.Old, l)
		}
	}
	if len(c.New) == 0 && len(values) == 0 {
		return nil, mistake.New("no row tells which values there are", "give them by --set values=…")
	}
	if err := c.Fill(pairs); err != nil {
		return nil, err
	}
	if len(c.Gone) > 0 {
		shown := c.Gone[:min(len(c.Gone), 20)]
		return nil, mistake.New(fmt.Sprintf("rows have texts that are not an enum value: %s", sqltext.Join(shown, sqltext.EnumValue)), "say what becomes of them by map, or add them to values")
	}
	return c, nil
}

var textConstant = lazyre.New(`^'((?:[^']|'')*)'::(?:text|character varying|bpchar)$`)

// defaults are the column's default and the value that takes its place, as SQL.
func (col *textColumn) defaults(c *Change) (was, will string, err error) {
	if !col.HasDefault || strings.HasPrefix(col.Default, "NULL::") {
		return col.Default, "NULL", nil
	}
	m := textConstant.FindStringSubmatch(col.Default)
	if m == nil {
		return "", "", mistake.New(fmt.Sprintf("the default of %s.%s is %s, and not a plain text", col.T.As, col.Column, col.Default), "drop it in a migration before")
	}
	text := strings.ReplaceAll(m[1], "''", "'")
	to, ok := c.To[text]
	if !ok && sqltext.Has(c.New, text) {
		to, ok = text, true
	}
	if !ok {
		return "", "", mistake.New(fmt.Sprintf("the default %s of %s.%s is not an enum value", sqltext.EnumValue(text), col.T.As, col.Column), "say what becomes of it by map")
	}
	return col.Default, sqltext.EnumValue(to), nil
}
