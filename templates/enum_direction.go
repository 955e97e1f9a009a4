package templates

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"rung/internal/pgtext"
)

// direction is what the swap's file says, one way or the other.
type direction struct {
	Lock, Sees, Check, Doubled, Drop, Create, Alter, Make string
	Former, Old                                           string
	Keep, Restore, Forget                                 string
	Tables                                                []string
	Touch                                                 []string
}

// way is one of the two directions: from which labels to which.
type way struct {
	from, to []string
	place    map[string]string
	fill     func(sql string) string // puts labels in place of marks
	typ      func(EnumColumn) string
	using    func(EnumColumn) string
	// made is what a file makes again of a piece, there what the one before left.
	made, there func(piece) []string
}

// between is the way from labels to labels.
func (s *swap) between(from, to []string, place map[string]string, label func(i int) string) way {
	w := way{from: from, to: to, place: place}
	w.fill = func(sql string) string { return s.k.fill(sql, label) }
	w.typ = s.typeOf
	w.using = func(c EnumColumn) string { return s.using(c, w) }
	w.made = func(p piece) []string { return p.Make }
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
	return unique(all)
}

// backMap says which old label comes back for a new one: itself, or the first
// that became it.
func (c *change) backMap() map[string]string {
	back := map[string]string{}
	for _, l := range c.Old {
		to, ok := c.To[l]
		if _, taken := back[to]; ok && (!taken || to == l) {
			back[to] = l
		}
	}
	return back
}

func (s *swap) direct(w way) *direction {
	d := &direction{Former: pgtext.Ident(s.former), Old: pgtext.Ident(s.Enum.Schema) + "." + pgtext.Ident(s.former), Tables: s.rewritten()}
	views, pieces := viewsFirst(s.k.pieces)
	if len(s.k.tables) > 0 {
		d.Lock = together(s.k.tables, views)
	} else {
		pieces = s.k.pieces
	}
	if d.Check = s.check(w); d.Check != "" {
		d.Sees = s.sees()
	}
	var drop, again []string
	for _, p := range reversed(pieces) {
		if len(p.keepsOut) == 0 || len(w.there(p)) > 0 {
			drop = append(drop, p.Drop...)
		}
	}
	for _, p := range s.k.pieces {
		for _, m := range w.made(p) {
			again = append(again, w.fill(m))
		}
	}
	lines := make([]string, len(w.to))
	for i, l := range w.to {
		lines[i] = "    " + labelSQL(l)
	}
	create := []string{"CREATE TYPE " + s.Enum.Full + " AS ENUM (\n" + strings.Join(lines, ",\n") + "\n)"}
	d.Create = statements(append(create, s.k.typeEnd...))
	d.Drop, d.Make = statements(drop), statements(again)
	d.Alter = statements(s.alters(w))
	return d
}

// alters changes the columns: one ALTER TABLE for each table, so one rewrite.
func (s *swap) alters(w way) []string {
	var before, after []string
	expr := func(key string) string { return w.fill(s.k.defaults[key]) }
	only := func(table, column, what string) string {
		return "ALTER TABLE ONLY " + table + "\n    ALTER COLUMN " + column + " " + what
	}
	for _, d := range s.k.others {
		before = append(before, only(d.Table, d.Column, "DROP DEFAULT"))
		after = append(after, only(d.Table, d.Column, "SET DEFAULT "+w.fill(d.Expr)))
	}
	for _, c := range s.k.children {
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
		is, was := s.k.storage[c.Key], s.k.storage[c.Root]
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
		if is := s.k.storage[key]; is.Storage != "" && w.typ(c) == s.typeOf(c) {
			actions[name] = append(actions[name], alter+"SET STORAGE "+is.Storage)
		}
		if is := s.k.storage[key]; is.Compression != "" {
			actions[name] = append(actions[name], alter+"SET COMPRESSION "+is.Compression)
		}
	}
	all := before
	for _, t := range tables {
		all = append(all, "ALTER TABLE "+t+"\n"+strings.Join(actions[t], ",\n"))
	}
	return append(all, after...)
}

func (s *swap) typeOf(c EnumColumn) string {
	if c.Array {
		return s.Enum.Full + "[]"
	}
	return s.Enum.Full
}

// changed are the labels that become another one.
func (w way) changed() []step {
	var all []step
	for _, l := range w.from {
		if to, ok := w.place[l]; ok && to != l {
			all = append(all, step{l, to})
		}
	}
	return all
}

// using writes a column's value with the new labels. A label that is not in
// the list keeps its text; one that the new type lacks is an error, never NULL.
func (s *swap) using(c EnumColumn, w way) string {
	column := pgtext.Ident(c.Column)
	steps := w.changed()
	if c.Array {
		return replaceAll(column+"::text[]", inOrder(steps, append(w.from, w.to...))) + "::" + s.typeOf(c)
	}
	if len(steps) == 0 {
		return column + "::text::" + s.Enum.Full
	}
	lines := []string{"CASE " + column}
	for _, x := range steps {
		lines = append(lines, "                  WHEN "+labelSQL(x.From)+" THEN "+labelSQL(x.To)+"::"+s.Enum.Full)
	}
	lines = append(lines, "                  ELSE "+column+"::text::"+s.Enum.Full, "              END")
	return strings.Join(lines, "\n")
}

// replaceAll wraps an array of texts into replacements, one inside the other.
func replaceAll(array string, steps []step) string {
	if len(steps) == 0 {
		return array
	}
	lines := strings.Repeat("array_replace(", len(steps)) + array
	for _, x := range steps {
		lines += ",\n                  " + labelSQL(x.From) + ", " + labelSQL(x.To) + ")"
	}
	return lines
}

// sees stops the file where its role would count or keep fewer rows than the
// rewrite, which heeds no row security, changes.
func (s *swap) sees() string {
	var all []string
	for _, c := range s.Enum.Columns {
		if c.Forced && !c.Generated {
			all = append(all, seesAll(c.TableAs(), "Row security binds the owner of "+c.TableAs()+" too: what it hides would be rewritten, and neither counted nor kept.", bypass(c.TableAs())))
		}
	}
	return strings.TrimSuffix(strings.Join(unique(all), ""), "\n")
}

// check stops the file, before it changes anything, where rows bear a label
// that the new type has no place for.
func (s *swap) check(w way) string {
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
             GROUP BY 2`, pgtext.Literal(c.String()), value, from, join(gone, labelSQL)))
		}
	}
	if len(gone) == 0 || len(counts) == 0 {
		return ""
	}
	return inDo(`DECLARE
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

// inDo quotes a body by dollars that do not occur in it.
func inDo(body string) string {
	tag := "$$"
	if strings.Contains(body, tag) {
		tag = pgtext.DollarTag("do", body)
	}
	return "DO " + tag + "\n" + body + "\n" + tag + ";"
}
