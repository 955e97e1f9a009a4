package templates

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/lib/pq"

	"rung/internal/pgtext"
)

func init() { looks["text-to-enum"] = lookTextToEnum }

// textColumn is a column of text that is to hold labels.
type textColumn struct {
	T          *Table
	Column     string // as SQL
	Back       string // its type, with its collation
	Default    string // its default's text; nil for none
	HasDefault bool
	Checks     []step // the CHECKs of the column: name and definition
	checkOIDs  []int64
	conditions []string // those of the CHECKs
	name       string
	notNull    bool
	number     int
	cannot     []string
	// Dress is what the down migration gives it again beside its type.
	Dress string
}

func lookTextToEnum(ctx context.Context, in *Input) (map[string]any, error) {
	if err := in.mustLook(); err != nil {
		return nil, err
	}
	col, err := in.textColumn(ctx)
	if err != nil {
		return nil, err
	}
	values, err := in.valuesOf(ctx, col)
	if err != nil {
		return nil, err
	}
	typ, made, err := in.typeFor(ctx, col)
	if err != nil {
		return nil, err
	}
	cut, err := in.cutTexts(ctx, col, typ)
	if err != nil {
		return nil, err
	}
	c, err := in.textChange(values, typ, made, cut)
	if err != nil {
		return nil, err
	}
	if err := firstOf(col.typeSays(ctx, in.DB, c), col.mustHold(c, cut)); err != nil {
		return nil, err
	}
	def, newDef, err := col.defaults(c)
	if err != nil {
		return nil, err
	}
	k, will, err := in.textPieces(ctx, col, typ, made, c)
	if err != nil {
		return nil, err
	}
	doubled, err := in.textsDoubled(ctx, col, typ, made, c)
	if err != nil {
		return nil, err
	}
	var side *sideTables
	if c.Merged {
		if side, err = in.textSide(ctx, c, k); err != nil {
			return nil, err
		}
	}
	in.reportText(col, c, will, side)
	make, again := col.rebuilt(k, will)
	table := col.T.Full()
	views, others := viewsFirst(k.pieces)
	locked := unique(append(k.tables, table))
	if err := in.mustOwn(ctx, locked, k.of.views); err != nil {
		return nil, err
	}
	data := map[string]any{
		"col": col, "table": table, "e": typ, "made": made, "labels": c.New, "known": c.known(), "default": def, "newDefault": newDef,
		"lock": together(locked, views),
		"drop": drops(others), "make": make, "again": again, "doubled": doubled, "lost": c.Merged && side == nil, "keep": "", "restore": "", "forget": "", "quote": pgtext.DollarTag("check", col.Column+table+join(c.known(), labelSQL)),
		"using": caseOf(col.Column+"::text", c.renames(), typ.Full), "back": caseOf(col.Column+"::text", c.textsBack(), col.bare()),
	}
	if side != nil {
		data["keep"], data["restore"], data["forget"] = side.keep(), side.restore(), side.forget()
	}
	return data, nil
}

// rebuilt is what is dropped before the change, and made again after it or
// after the down migration.
func (col *textColumn) rebuilt(k *capture, will []piece) (make, again string) {
	var makes, remakes []string
	for i, p := range k.pieces {
		makes, remakes = append(makes, will[i].Make...), append(remakes, p.Make...)
	}
	return statements(makes), statements(remakes)
}

// textSide keeps which text a row had where several become one label; nil
// where there is no key to keep it by.
func (in *Input) textSide(ctx context.Context, c *change, k *capture) (*sideTables, error) {
	family, err := in.DB.strings(ctx, enumSQL("family"), c.Enum.Columns[0].Table)
	if err != nil {
		return nil, err
	}
	side, err := in.sideTables(ctx, &swap{change: c, k: k})
	if side != nil && !side.tables[0].t.Partitioned && len(family) > 1 {
		return nil, err // a key says nothing of the tables that inherit
	}
	return side, err
}

func (in *Input) reportText(col *textColumn, c *change, will []piece, side *sideTables) {
	if len(col.Checks) > 0 {
		in.Sayf("the type takes the place of %s", join(froms(col.Checks), func(s string) string { return s }))
	}
	in.sayRewrite([]string{col.T.As}, col.T.Rows, col.T.Bytes)
	if len(will) > 0 {
		in.Sayf("dropped and made again: %s", joinBy(will, ", ", func(p piece) string { return p.What }))
	}
	in.preparedFail(col.T.As + "." + col.Column)
	in.Sayf("enum values sort in the order of the type, not alphabetically: check ORDER BY, <, min() and max() in programs and functions")
	in.sayRemade(will)
	for _, p := range will {
		for _, s := range c.renames() {
			if strings.Contains(strings.Join(p.Make, "\n"), pgtext.Literal(s.From)+"::") {
				in.Sayf("%s has the text %s, which is left as it is: see to it", p.What, labelSQL(s.From))
			}
		}
	}
	switch {
	case side != nil:
		in.Sayf("%s keeps which row had which text for the down migration; drop it when you no longer need that", side.tables[0].name)
	case c.Merged:
		in.Sayf("several texts become one enum value, and without a key rung cannot keep which row had which: it cannot be reverted")
	}
}

// known are the texts that become labels, and the labels.
func (c *change) known() []string {
	var known []string
	for _, l := range c.Old {
		if _, ok := c.To[l]; ok {
			known = append(known, l)
		}
	}
	for _, l := range c.New {
		if !has(known, l) {
			known = append(known, l)
		}
	}
	return known
}

// textsBack says which text comes back for a label, where that is another one.
func (c *change) textsBack() []step {
	back := c.backMap()
	var steps []step
	for _, l := range c.New {
		if was, ok := back[l]; ok && was != l {
			steps = append(steps, step{l, was})
		}
	}
	return steps
}

// cutTexts are labels and texts for which the column is too short.
func (in *Input) cutTexts(ctx context.Context, col *textColumn, typ *Enum) ([]string, error) {
	pairs, wanted, err := in.mapAndValues()
	if err != nil {
		return nil, err
	}
	all := slices.Concat(typ.Labels, wanted, froms(pairs), tos(pairs))
	return in.DB.strings(ctx, "SELECT DISTINCT l FROM unnest($1::text[]) AS l WHERE l::"+col.bare()+"::text <> l", pq.Array(all))
}

// mustHold refuses labels of which the down migration would make a text that is cut.
func (col *textColumn) mustHold(c *change, cut []string) error {
	back := c.backMap()
	for _, l := range c.New {
		text, ok := back[l]
		if !ok {
			text = l
		}
		if has(cut, text) {
			return &Mistake{
				fmt.Sprintf("%s.%s is %s, and the down migration would cut %s", col.T.As, col.Column, col.Back, labelSQL(text)),
				"choose a shorter value, or make the column text in an earlier migration",
			}
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
func caseOf(value string, steps []step, typ string) string {
	if len(steps) == 0 {
		if typ == "text" {
			return value
		}
		return value + "::" + typ
	}
	lines := "CASE " + value
	for _, s := range steps {
		lines += "\n                  WHEN " + labelSQL(s.From) + " THEN " + labelSQL(s.To) + "::" + typ
	}
	return lines + "\n                  ELSE " + caseOf(value, nil, typ) + "\n              END"
}

// textColumn looks at the column.
func (in *Input) textColumn(ctx context.Context) (*textColumn, error) {
	t, err := in.table(ctx)
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
	err = in.DB.queryRow(ctx, enumSQL("textcolumn"), t.OID, found.Name).Scan(&kind, &inherited, &col.number, &col.Back, (*pq.StringArray)(&col.cannot))
	switch {
	case err != nil:
		return nil, fmt.Errorf("look at %s: %w", col.Column, err)
	case !kind:
		return nil, refusef("%s.%s is %s, not text", t.As, col.Column, found.Type)
	case inherited:
		return nil, &Mistake{fmt.Sprintf("%s has %s from its parent", t.As, col.Column), "change the parent"}
	}
	col.Default = found.Default
	col.Checks, err = list(ctx, in.DB, func(rows *sql.Rows) (s step, err error) {
		var oid int64
		var condition string
		err = rows.Scan(&oid, &s.From, &s.To, &condition)
		col.checkOIDs, col.conditions = append(col.checkOIDs, oid), append(col.conditions, condition)
		return s, err
	}, enumSQL("textchecks"), t.OID, found.Name)
	if err != nil {
		return nil, err
	}
	apart, err := in.DB.strings(ctx, enumSQL("owndefaults"), t.OID, found.Name)
	if err != nil {
		return nil, err
	}
	col.cannot = append(col.cannot, apart...)
	dress, err := in.DB.strings(ctx, enumSQL("textsettings"), t.OID, found.Name, pq.Array(froms(col.Checks)))
	if err != nil {
		return nil, err
	}
	col.Dress = statements(dress)
	return col, (&capture{}).mustKeepTexts(piece{What: "comments of CHECKs", Make: dress})
}

// valuesOf are the texts that rows have, up to a number that no enum has.
func (in *Input) valuesOf(ctx context.Context, col *textColumn) ([]string, error) {
	const most = 500
	values, err := in.DB.strings(ctx, fmt.Sprintf("SELECT DISTINCT %s::text COLLATE \"C\" FROM %s WHERE %[1]s IS NOT NULL ORDER BY 1 LIMIT %[3]d", col.Column, col.T.Full(), most+1))
	if err == nil && len(values) > most {
		err = refusef("%s.%s has more than %d different values, too many for an enum", col.T.As, col.Column, most)
	}
	return values, err
}

// typeFor is the enum type of that name, or a new one.
func (in *Input) typeFor(ctx context.Context, col *textColumn) (e *Enum, made bool, err error) {
	names, ok := splitName(in.Params["type"])
	if !ok || len(names) > 2 {
		return nil, false, &Mistake{fmt.Sprintf("type=%s is no name of a type", in.Params["type"]), "write it as SQL does: status, app.status"}
	}
	var there bool
	if err := in.DB.usualRow(ctx, "SELECT pg_catalog.to_regtype($1) IS NOT NULL", in.Params["type"]).Scan(&there); err != nil {
		return nil, false, badParam("type", in.Params["type"], err)
	}
	if there {
		e, err = in.DB.Enum(ctx, in.Params["type"])
		return e, false, err
	}
	e = &Enum{As: in.Params["type"], Name: names[len(names)-1], Schema: col.T.Schema}
	if len(names) == 2 {
		e.Schema = names[0]
	}
	if len(e.Name) > 63 {
		return nil, false, refusef("type name %q is longer than PostgreSQL's 63 bytes", e.Name)
	}
	e.Full = pgtext.Ident(e.Schema) + "." + pgtext.Ident(e.Name)
	return e, true, nil
}

// textChange says which text becomes which label, and refuses texts that
// become none.
func (in *Input) textChange(values []string, typ *Enum, made bool, cut []string) (*change, error) {
	pairs, wanted, err := in.mapAndValues()
	if err != nil {
		return nil, err
	}
	c := &change{Enum: &Enum{As: in.Params["column"]}, Old: slices.Clone(values), New: wanted}
	if !made {
		if len(c.New) > 0 && !slices.Equal(c.New, typ.Labels) {
			return nil, &Mistake{fmt.Sprintf("type %s exists, with the values %s", typ.As, join(typ.Labels, labelSQL)), "leave values out, or name a new type"}
		}
		c.New = typ.Labels
	}
	for _, p := range pairs { // the rows may come later
		if !has(c.Old, p.From) {
			c.Old = append(c.Old, p.From)
		}
	}
	// A row may have any label as its text already that is not too long. Where another text becomes
	// that label too, the down migration has to know which was which.
	for _, l := range c.New {
		if !has(c.Old, l) && !has(cut, l) {
			c.Old = append(c.Old, l)
		}
	}
	if len(c.New) == 0 && len(values) == 0 {
		return nil, &Mistake{"no row tells which values there are", "give them by --set values=…"}
	}
	if err := c.fill(pairs); err != nil {
		return nil, err
	}
	if len(c.Gone) > 0 {
		shown := c.Gone[:min(len(c.Gone), 20)]
		return nil, &Mistake{fmt.Sprintf("rows have texts that are not an enum value: %s", join(shown, labelSQL)), "say what becomes of them by map, or add them to values"}
	}
	return c, nil
}

var textConstant = regexp.MustCompile(`^'((?:[^']|'')*)'::(?:text|character varying|bpchar)$`)

// defaults are the column's default and the label that takes its place, as SQL.
func (col *textColumn) defaults(c *change) (was, will string, err error) {
	if !col.HasDefault || strings.HasPrefix(col.Default, "NULL::") {
		return col.Default, "NULL", nil
	}
	m := textConstant.FindStringSubmatch(col.Default)
	if m == nil {
		return "", "", &Mistake{fmt.Sprintf("the default of %s.%s is %s, and not a plain text", col.T.As, col.Column, col.Default), "drop it in a migration before"}
	}
	text := strings.ReplaceAll(m[1], "''", "'")
	to, ok := c.To[text]
	if !ok && has(c.New, text) {
		to, ok = text, true
	}
	if !ok {
		return "", "", &Mistake{fmt.Sprintf("the default %s of %s.%s is not an enum value", labelSQL(text), col.T.As, col.Column), "say what becomes of it by map"}
	}
	return col.Default, labelSQL(to), nil
}
