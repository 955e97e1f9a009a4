package enum

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"rung/internal/pgtext"
	"rung/templates/internal/catalog"
	"rung/templates/internal/dependents"
	"rung/templates/internal/sqltext"
	"rung/templates/internal/words"
)

// direction is what the swap's file says, one way or the other.
type direction struct {
	// Lock takes the tables; nil where there are none.
	Lock *dependents.Lock
	// Check stops the file at rows that the new type has no value for; nil where
	// there can be none.
	Check         *lacking
	Sees, Doubled string
	Drop, Make    string
	Former, Old   string
	Create        newEnum
	Alter         *alteration
	// Side are the tables that keep which row had which of the values that become one.
	Side   []*sideTable
	Tables []string
	Touch  []string
}

// newEnum is a type that a file creates; Then gives it its owner, grants and comment.
type newEnum struct {
	Name         string
	Values, Then []string
}

// alteration changes columns to a type: one ALTER TABLE for each table, so one rewrite.
type alteration struct {
	// Before and After are defaults and settings of columns that follow others.
	Before, After []alteredAlone
	Tables        []alteredTable
}

// alteredAlone is one column of one table, without its children; Does is the action.
type alteredAlone struct{ Table, Column, Does string }

type alteredTable struct {
	Table   string
	Columns []alteredColumn
}

type alteredColumn struct {
	Column, Type, Using           string
	Default, Storage, Compression string
}

// lacking is where rows have values that a type lacks.
type lacking struct {
	Quote  string
	Gone   []string
	Places []lackingPlace
}

type lackingPlace struct{ Name, Value, From string }

// course is one of the two directions: from which values to which.
type course struct {
	from, to []string
	place    map[string]string
	fill     func(sql string) string // puts enum values in place of placeholders
	typ      func(catalog.EnumColumn) string
	using    func(catalog.EnumColumn) string
	// made is what a file makes again of a piece, there what the one before left.
	made, there func(dependents.Piece) []string
}

// between is the way from values to values.
func (s *swap) between(from, to []string, place map[string]string, value func(i int) string) course {
	w := course{from: from, to: to, place: place}
	w.fill = func(sql string) string { return s.k.Fill(sql, value) }
	w.typ = s.typeOf
	w.using = func(c catalog.EnumColumn) string { return s.using(c, w) }
	w.made = func(p dependents.Piece) []string { return p.Make }
	w.there = w.made
	return w
}

func (s *swap) forth() *direction {
	w := s.between(s.Old, s.New, s.To, func(i int) string { return s.To[s.Old[i]] })
	w.made = s.madeAfter
	d := s.direct(w)
	d.Doubled = s.Doubled
	d.Side = s.side.all()
	if len(d.Side) > 0 || d.Doubled != "" {
		d.Sees = s.sees()
	}
	return d
}

func (s *swap) back() *direction {
	w := s.between(s.New, s.Old, s.backMap(), s.before)
	w.there = s.madeAfter
	d := s.direct(w)
	if d.Side = s.side.all(); len(d.Side) > 0 {
		d.Sees = s.sees()
	}
	return d
}

// before is the old value of a placeholder.
func (s *swap) before(i int) string { return s.Old[i] }

// rewritten are the tables that have columns of the type.
func (s *swap) rewritten() []string {
	var all []string
	for _, c := range s.Enum.Columns {
		if !c.Generated {
			all = append(all, c.TableAs())
		}
	}
	return sqltext.Unique(all)
}

// backMap says which old value comes back for a new one: itself, or the first
// that became it.
func (c *Change) backMap() map[string]string {
	back := map[string]string{}
	for _, l := range c.Old {
		to, ok := c.To[l]
		if _, taken := back[to]; ok && (!taken || to == l) {
			back[to] = l
		}
	}
	return back
}

func (s *swap) direct(w course) *direction {
	d := &direction{Former: pgtext.Ident(s.former), Old: pgtext.Ident(s.Enum.Schema) + "." + pgtext.Ident(s.former), Tables: s.rewritten()}
	views, pieces := dependents.ViewsFirst(s.k.Pieces)
	if len(s.k.Tables) > 0 {
		d.Lock = dependents.Together(s.k.Tables, views)
	} else {
		pieces = s.k.Pieces
	}
	if d.Check = s.check(w); d.Check != nil {
		d.Sees = s.sees()
	}
	var drop, again []string
	for _, p := range sqltext.Reversed(pieces) {
		if len(p.KeepsOut) == 0 || len(w.there(p)) > 0 {
			drop = append(drop, p.Drop...)
		}
	}
	for _, p := range s.k.Pieces {
		for _, m := range w.made(p) {
			again = append(again, w.fill(m))
		}
	}
	d.Create = newEnum{s.Enum.Full, w.to, s.k.TypeEnd}
	d.Drop, d.Make = sqltext.Statements(drop), sqltext.Statements(again)
	d.Alter = s.alters(w)
	return d
}

// alters is what becomes of the columns; nil where there are none.
func (s *swap) alters(w course) *alteration {
	before, after := s.others(w)
	a := &alteration{Before: before, After: after}
	for _, c := range s.Enum.Columns {
		if c.Generated {
			continue
		}
		key := fmt.Sprintf("%d:%d", c.Table, c.Number)
		is := s.k.Storage[key]
		if w.typ(c) != s.typeOf(c) {
			is.Storage = ""
		}
		at := slices.IndexFunc(a.Tables, func(t alteredTable) bool { return t.Table == c.TableAs() })
		if at < 0 {
			at, a.Tables = len(a.Tables), append(a.Tables, alteredTable{Table: c.TableAs()})
		}
		a.Tables[at].Columns = append(a.Tables[at].Columns, alteredColumn{
			Column: pgtext.Ident(c.Column), Type: w.typ(c), Using: w.using(c),
			Default: w.fill(s.k.Defaults[key]), Storage: is.Storage, Compression: is.Compression,
		})
	}
	if len(a.Tables)+len(before)+len(after) == 0 {
		return nil
	}
	return a
}

// others are what is done before and after, for columns that follow those of the
// type: what has its values in a default, and children with settings of their own.
func (s *swap) others(w course) (before, after []alteredAlone) {
	for _, d := range s.k.Others {
		before = append(before, alteredAlone{d.Table, d.Column, "DROP DEFAULT"})
		after = append(after, alteredAlone{d.Table, d.Column, "SET DEFAULT " + w.fill(d.Expr)})
	}
	for _, c := range s.k.Children {
		own, root := w.fill(s.k.Defaults[c.Key]), w.fill(s.k.Defaults[c.Root])
		if own != "" && root == "" {
			before = append(before, alteredAlone{c.Table, pgtext.Ident(c.Column), "DROP DEFAULT"})
		}
		switch {
		case own == root:
		case own == "":
			after = append(after, alteredAlone{c.Table, pgtext.Ident(c.Column), "DROP DEFAULT"})
		default:
			after = append(after, alteredAlone{c.Table, pgtext.Ident(c.Column), "SET DEFAULT " + own})
		}
		is, was := s.k.Storage[c.Key], s.k.Storage[c.Root]
		if is.Storage != was.Storage {
			after = append(after, alteredAlone{c.Table, pgtext.Ident(c.Column), "SET STORAGE " + cmp.Or(is.Storage, "EXTENDED")})
		}
		if is.Compression != "" {
			after = append(after, alteredAlone{c.Table, pgtext.Ident(c.Column), "SET COMPRESSION " + is.Compression})
		}
	}
	return before, after
}

func (s *swap) typeOf(c catalog.EnumColumn) string {
	if c.Array {
		return s.Enum.Full + "[]"
	}
	return s.Enum.Full
}

// changed are the values that become another one.
func (w course) changed() []words.Pair {
	var all []words.Pair
	for _, l := range w.from {
		if to, ok := w.place[l]; ok && to != l {
			all = append(all, words.Pair{From: l, To: to})
		}
	}
	return all
}

// using writes a column's value with the new values. A value that is not in
// the list keeps its text; one that the new type lacks is an error, never NULL.
func (s *swap) using(c catalog.EnumColumn, w course) string {
	column := pgtext.Ident(c.Column)
	steps := w.changed()
	if c.Array {
		return replaceAll(column+"::text[]", InOrder(steps, append(w.from, w.to...))) + "::" + s.typeOf(c)
	}
	if len(steps) == 0 {
		return column + "::text::" + s.Enum.Full
	}
	lines := []string{"CASE " + column}
	for _, x := range steps {
		lines = append(lines, "                  WHEN "+sqltext.EnumValue(x.From)+" THEN "+sqltext.EnumValue(x.To)+"::"+s.Enum.Full)
	}
	lines = append(lines, "                  ELSE "+column+"::text::"+s.Enum.Full, "              END")
	return strings.Join(lines, "\n")
}

// replaceAll wraps an array of texts into replacements, one inside the other.
func replaceAll(array string, steps []words.Pair) string {
	if len(steps) == 0 {
		return array
	}
	lines := strings.Repeat("array_replace(", len(steps)) + array
	for _, x := range steps {
		lines += ",\n                  " + sqltext.EnumValue(x.From) + ", " + sqltext.EnumValue(x.To) + ")"
	}
	return lines
}

// sees stops the file where its role would count or keep fewer rows than the
// rewrite, which heeds no row security, changes.
func (s *swap) sees() string {
	var all []string
	for _, c := range s.Enum.Columns {
		if c.Forced && !c.Generated {
			all = append(all, sqltext.SeesAll(c.TableAs(), "Row security binds the owner of "+c.TableAs()+" too: what it hides would be rewritten, and neither counted nor kept.", sqltext.Bypass(c.TableAs())))
		}
	}
	return strings.TrimSuffix(strings.Join(sqltext.Unique(all), ""), "\n")
}

// check stops the file, before it changes anything, where rows bear a value
// that the new type has no place for; nil where none can.
func (s *swap) check(w course) *lacking {
	l := &lacking{Quote: "$$"}
	for _, value := range w.from {
		if _, ok := w.place[value]; !ok {
			l.Gone = append(l.Gone, value)
		}
	}
	for _, c := range s.Enum.Columns {
		if c.Generated {
			continue
		}
		// Qualified: the table may have columns of the names that are used here.
		p := lackingPlace{Name: c.String(), Value: "t." + pgtext.Ident(c.Column), From: c.TableAs() + " AS t"}
		if c.Array {
			p.Value, p.From = "l.label", p.From+", unnest("+p.Value+") AS l (label)"
		}
		l.Places = append(l.Places, p)
	}
	if len(l.Gone) == 0 || len(l.Places) == 0 {
		return nil
	}
	if body := fmt.Sprint(l.Gone, l.Places); strings.Contains(body, "$$") {
		l.Quote = pgtext.DollarTag("do", body)
	}
	return l
}
