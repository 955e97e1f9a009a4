package templates

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"rung/internal/pgtext"
)

func init() { looks["enum-swap"] = lookEnumSwap }

// swap is a change of type in one transaction.
type swap struct {
	*change
	k *capture
	// former is the name of the old type meanwhile.
	former string
	side   *sideTables
	// keyless is a table whose rows no key tells apart, so that side is nil.
	keyless string
	// Doubled stops the file where rows would share a unique key; "" where none can.
	Doubled string
}

func lookEnumSwap(ctx context.Context, in *Input) (map[string]any, error) {
	if in.DB == nil {
		return nil, &Mistake{"enum-swap must see what depends on the type", "leave --offline out"}
	}
	c, err := in.change(ctx)
	if err != nil {
		return nil, err
	}
	if c.Same() {
		return nil, refusef("nothing to do: the values of %s are already %s", c.Enum.As, join(c.New, labelSQL))
	}
	if err := c.Enum.mustLast(); err != nil {
		return nil, err
	}
	if err := firstOf(c.mustFit(ctx, in), in.seeCasts(ctx, c)); err != nil {
		return nil, err
	}
	s := &swap{change: c}
	if s.Doubled, err = c.mustStayUnique(ctx, in.DB); err != nil {
		return nil, err
	}
	if err := s.look(ctx, in, "enum-swap", everything); err != nil {
		return nil, err
	}
	if err := s.uses(); err != nil {
		return nil, err
	}
	if c.Merged {
		if s.side, err = in.sideTables(ctx, s); err != nil {
			return nil, err
		}
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
	return map[string]any{"e": c.Enum, "up": up, "down": down, "irreversible": s.irreversible()}, nil
}

// look captures what hangs on the type, and refuses what cannot be carried along.
func (s *swap) look(ctx context.Context, in *Input, by string, read func(*reader) []func() error) error {
	if err := s.Enum.mustLast(); err != nil {
		return err
	}
	h, err := in.DB.hangs(ctx, by, s.Enum)
	if err != nil {
		return err
	}
	var tables []int64
	for _, c := range s.Enum.Columns {
		if !c.Owned {
			return &Mistake{fmt.Sprintf("this role does not own %s; its owner is %s", c.TableAs(), c.Owner), "connect as its owner, or use --role"}
		}
		tables = append(tables, int64(c.Table))
	}
	holders, err := list(ctx, in.DB, scanString, enumSQL("rowtypes"), arrayOf(tables), arrayOf(h.views))
	if err != nil {
		return err
	}
	if len(holders) > 0 {
		return &Mistake{"whole rows of a table or view with the type are stored in " + strings.Join(holders, ", "), "PostgreSQL cannot rewrite those"}
	}
	if s.k, err = in.DB.capture(ctx, s.Enum, h, read); err != nil {
		return err
	}
	if err := s.k.mustKeepTexts(); err != nil {
		return err
	}
	s.k.tables = unique(append(s.k.tables, s.rewritten()...))
	if err := in.mustOwn(ctx, s.k.tables, h.views); err != nil {
		return err
	}
	s.former = s.k.freeType(s.Enum.Name, "old")
	return nil
}

// uses refuses labels without a place that definitions name: those of the
// capture, and more.
func (s *swap) uses(more ...piece) error {
	var found []string
	check := func(what, sql string) {
		for i, l := range s.Old {
			if _, ok := s.To[l]; !ok && strings.Contains(sql, s.k.marks[i]) {
				found = append(found, fmt.Sprintf("%s is named by %s", labelSQL(l), what))
			}
		}
	}
	for _, p := range slices.Concat(s.k.pieces, more) {
		if len(p.keepsOut) == 0 {
			check(p.What, strings.Join(p.Make, "\n"))
		}
	}
	for key, expr := range s.k.defaults {
		check("the default of "+s.columnName(key), expr)
	}
	for _, d := range s.k.others {
		check("the default of "+d.Table+"."+d.Column, d.Expr)
	}
	if len(found) == 0 {
		return nil
	}
	return &Mistake{"values that are removed are still in use: " + strings.Join(unique(found), "; "), "give each a place by map, or change these first"}
}

func (s *swap) columnName(key string) string {
	for _, c := range s.Enum.Columns {
		if fmt.Sprintf("%d:%d", c.Table, c.Number) == key {
			return c.String()
		}
	}
	for _, c := range s.k.children {
		if c.Key == key {
			return c.Table + "." + pgtext.Ident(c.Column)
		}
	}
	return "a column"
}

// functions are those that open sessions must plan anew.
func (s *swap) functions(ctx context.Context, in *Input) ([]string, error) {
	relations := slices.Clone(s.k.of.views)
	for _, c := range s.Enum.Columns {
		relations = append(relations, int64(c.Table))
	}
	rows, err := in.DB.query(ctx, enumSQL("functions"), arrayOf(relations), s.Enum.Name)
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
func (s *swap) report(ctx context.Context, in *Input) error {
	bytes, rows := s.Enum.Bytes()
	in.sayRewrite(s.k.tables, rows, bytes)
	if len(s.k.pieces) > 0 {
		var what []string
		for _, p := range s.k.pieces {
			what = append(what, p.What)
		}
		in.Sayf("dropped and made again: %s", strings.Join(what, ", "))
	}
	in.sayRemade(s.k.pieces)
	if !s.k.last {
		in.Sayf("a generated column is dropped and made again, and moves to the end of its table")
	}
	if s.side != nil {
		for _, t := range s.side.tables {
			in.Sayf("%s keeps which row had which value for the down migration; drop it when you no longer need that", t.name)
		}
	} else if s.Merged {
		in.Sayf("the down migration cannot tell merged values apart: %s", s.irreversible())
	}
	for _, p := range s.k.pieces {
		if len(p.keepsOut) > 0 && len(s.stillOut(p)) == 0 {
			in.Sayf("%s excludes values that no longer exist, so it is dropped for good", p.What)
		}
	}
	s.warnOfTexts(in)
	s.warnOfMerges(in)
	in.preparedFail("a column of the type")
	in.Sayf("open sessions: a REPEATABLE READ transaction that is older sees no rows")
	return firstOf(in.sayPublished(ctx, "a value", s.Enum.tables()...), in.warnOfBodies(ctx, s.change))
}

// warnOfTexts says which definitions have a label that changes as a text.
func (s *swap) warnOfTexts(in *Input, more ...piece) {
	for _, p := range slices.Concat(s.k.pieces, more) {
		for _, l := range s.Old {
			if s.To[l] != l && strings.Contains(strings.Join(p.Make, "\n"), pgtext.Literal(l)+"::text") {
				in.Sayf("%s has the text %s, which is left as it is: see to it", p.What, labelSQL(l))
			}
		}
	}
}

// statements ends each with a semicolon.
func statements(all []string) string {
	var b strings.Builder
	for _, s := range all {
		s = strings.TrimRightFunc(s, unicode.IsSpace)
		b.WriteString(s + ";\n")
	}
	return b.String()
}

func arrayOf(all []int64) string {
	text := make([]string, len(all))
	for i, n := range all {
		text[i] = fmt.Sprint(n)
	}
	return "{" + strings.Join(text, ",") + "}"
}

func reversed[T any](all []T) []T {
	out := slices.Clone(all)
	slices.Reverse(out)
	return out
}
