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
	Lock, Sees, Check, Doubled, Drop, Create, Alter, Make string
	Former, Old                                           string
	Keep, Restore, Forget                                 string
	Tables                                                []string
	Touch                                                 []string
}

// course is one of the two directions: from which labels to which.
type course struct {
	from, to []string
	place    map[string]string
	fill     func(sql string) string // puts labels in place of marks
	typ      func(catalog.EnumColumn) string
	using    func(catalog.EnumColumn) string
	// made is what a file makes again of a piece, there what the one before left.
	made, there func(dependents.Piece) []string
}

// between is the way from labels to labels.
func (s *swap) between(from, to []string, place map[string]string, label func(i int) string) course {
	w := course{from: from, to: to, place: place}
	w.fill = func(sql string) string { return s.k.Fill(sql, label) }
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
	if s.side != nil {
		d.Keep = s.side.keep()
	}
	if s.side != nil || d.Doubled != "" {
		d.Sees = s.sees()
	}
	return d
}

func (s *swap) back() *direction {
	w := s.between(s.New, s.Old, s.backMap(), s.before)
	w.there = s.madeAfter
	d := s.direct(w)
	if s.side != nil {
		d.Sees = s.sees()
		d.Restore, d.Forget = s.side.restore(), s.side.forget()
	}
	return d
}

// before is the old label of a mark.
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

// backMap says which old label comes back for a new one: itself, or the first
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
	if d.Check = s.check(w); d.Check != "" {
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
	lines := make([]string, len(w.to))
	for i, l := range w.to {
		lines[i] = "    " + sqltext.Label(l)
	}
	create := []string{"CREATE TYPE " + s.Enum.Full + " AS ENUM (\n" + strings.Join(lines, ",\n") + "\n)"}
	d.Create = sqltext.Statements(append(create, s.k.TypeEnd...))
	d.Drop, d.Make = sqltext.Statements(drop), sqltext.Statements(again)
	d.Alter = sqltext.Statements(s.alters(w))
	return d
}

// alters changes the columns: one ALTER TABLE for each table, so one rewrite.
func (s *swap) alters(w course) []string {
	var before, after []string
	expr := func(key string) string { return w.fill(s.k.Defaults[key]) }
	only := func(table, column, what string) string {
		return "ALTER TABLE ONLY " + table + "\n    ALTER COLUMN " + column + " " + what
	}
	for _, d := range s.k.Others {
		before = append(before, only(d.Table, d.Column, "DROP DEFAULT"))
		after = append(after, only(d.Table, d.Column, "SET DEFAULT "+w.fill(d.Expr)))
	}
	for _, c := range s.k.Children {
		own, root := expr(c.Key), expr(c.Root)
		if own != "" && root == "" {
			before = append(before, only(c.Table, pgtext.Ident(c.Column), "DROP DEFAULT"))
		}
		switch {
		case own == root:
		case own == "":
			after = append(after, only(c.Table, pgtext.Ident(c.Column), "DROP DEFAULT"))
		default:
			after = append(after, only(c.Table, pgtext.Ident(c.Column), "SET DEFAULT "+own))
		}
		is, was := s.k.Storage[c.Key], s.k.Storage[c.Root]
		if is.Storage != was.Storage {
			after = append(after, only(c.Table, pgtext.Ident(c.Column), "SET STORAGE "+cmp.Or(is.Storage, "EXTENDED")))
		}
		if is.Compression != "" {
			after = append(after, only(c.Table, pgtext.Ident(c.Column), "SET COMPRESSION "+is.Compression))
		}
	}
	var tables []string
	actions := map[string][]string{}
	for _, c := range s.Enum.Columns {
		if c.Generated {
			continue
		}
		name, key := c.TableAs(), fmt.Sprintf("%d:%d", c.Table, c.Number)
		if !slices.Contains(tables, name) {
			tables = append(tables, name)
		}
		alter := "    ALTER COLUMN " + pgtext.Ident(c.Column) + " "
		if expr(key) != "" {
			actions[name] = append(actions[name], alter+"DROP DEFAULT")
		}
		actions[name] = append(actions[name], alter+"TYPE "+w.typ(c)+"\n        USING "+w.using(c))
		if expr(key) != "" {
			actions[name] = append(actions[name], alter+"SET DEFAULT "+expr(key))
		}
		if is := s.k.Storage[key]; is.Storage != "" && w.typ(c) == s.typeOf(c) {
			actions[name] = append(actions[name], alter+"SET STORAGE "+is.Storage)
		}
		if is := s.k.Storage[key]; is.Compression != "" {
			actions[name] = append(actions[name], alter+"SET COMPRESSION "+is.Compression)
		}
	}
	all := before
	for _, t := range tables {
		all = append(all, "ALTER TABLE "+t+"\n"+strings.Join(actions[t], ",\n"))
	}
	return append(all, after...)
}

func (s *swap) typeOf(c catalog.EnumColumn) string {
	if c.Array {
		return s.Enum.Full + "[]"
	}
	return s.Enum.Full
}

// changed are the labels that become another one.
func (w course) changed() []words.Pair {
	var all []words.Pair
	for _, l := range w.from {
		if to, ok := w.place[l]; ok && to != l {
			all = append(all, words.Pair{From: l, To: to})
		}
	}
	return all
}

// using writes a column's value with the new labels. A label that is not in
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
		lines = append(lines, "                  WHEN "+sqltext.Label(x.From)+" THEN "+sqltext.Label(x.To)+"::"+s.Enum.Full)
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
		lines += ",\n                  " + sqltext.Label(x.From) + ", " + sqltext.Label(x.To) + ")"
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

// check stops the file, before it changes anything, where rows bear a label
// that the new type has no place for.
func (s *swap) check(w course) string {
	var gone []string
	for _, l := range w.from {
		if _, ok := w.place[l]; !ok {
			gone = append(gone, l)
		}
	}
	var counts []string
	for _, c := range s.Enum.Columns {
		// Qualified: the table may have columns of the names that are used here.
		value, from := "t."+pgtext.Ident(c.Column), c.TableAs()+" AS t"
		if c.Array {
			value, from = "l.label", from+", unnest("+value+") AS l (label)"
		}
		if !c.Generated {
			counts = append(counts, fmt.Sprintf(`SELECT %s AS place, %s::text AS label, count(*) AS n
              FROM %s
             WHERE %[2]s IN (%[4]s)
             GROUP BY 2`, pgtext.Literal(c.String()), value, from, sqltext.Join(gone, sqltext.Label)))
		}
	}
	if len(gone) == 0 || len(counts) == 0 {
		return ""
	}
	return sqltext.InDo(`DECLARE
    found text;
BEGIN
    SELECT string_agg(format('%s of %s are %L', n, place, label), '; ' ORDER BY place, label)
      INTO found
      FROM (
            ` + strings.Join(counts, "\n             UNION ALL\n            ") + `
           ) AS counts;
    IF found IS NOT NULL THEN
        RAISE EXCEPTION 'rows have values that the new type lacks: %', found
              USING HINT = 'Give these rows another value first. Nothing has been changed.';
    END IF;
END`)
}
