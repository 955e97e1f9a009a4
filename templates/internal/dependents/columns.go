package dependents

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lib/pq"

	"rung/internal/pgtext"
	"rung/templates/internal/mistake"
	"rung/templates/internal/sqltext"
)

// The pieces that are dropped and made again, a kind a function.

type generatedColumn struct {
	oid                                      int64 // the table's
	number                                   int
	table, raw, column, expr, typ, collation string
	notNull, inherited                       bool
}

func (r *Reader) ReadDefaults() error {
	enumColumn := map[string]bool{}
	for _, c := range r.e.Columns {
		enumColumn[fmt.Sprintf("%d:%d", c.Table, c.Number)] = true
	}
	err := r.Rows("children", func(scan func(...any) error) error {
		var c childColumn
		var table, root int64
		var number, rootNumber int
		var twice bool
		if err := scan(&table, &c.Table, &number, &c.Column, &root, &rootNumber, &twice); err != nil {
			return err
		}
		if twice {
			return mistake.Refusef("%s has the column %s from two parents, and PostgreSQL changes its type from neither", c.Table, pgtext.Ident(c.Column))
		}
		c.Key, c.Root = fmt.Sprintf("%d:%d", table, number), fmt.Sprintf("%d:%d", root, rootNumber)
		enumColumn[c.Key] = true
		r.K.Children = append(r.K.Children, c)
		return nil
	}, r.e.OID, r.e.Array)
	if err != nil {
		return err
	}
	return r.Rows("defaults", func(scan func(...any) error) error {
		var g generatedColumn
		var oid int64
		var generated, local, last bool
		if err := scan(&oid, &g.oid, &g.number, &g.table, &g.column, &g.raw, &g.expr, &generated, &g.inherited, &local, &g.typ, &g.notNull, &g.collation, &last); err != nil {
			return err
		}
		key := fmt.Sprintf("%d:%d", g.oid, g.number)
		switch {
		case generated && local:
			return mistake.Refusef("%s has the generated column %s of its own and from its parent, and it would not go with the parent's", g.table, g.column)
		case generated:
			r.generated = append(r.generated, g)
			if !g.inherited { // or it is locked with its parent
				r.Touches(g.table)
			}
			r.K.Last = r.K.Last && last
		case enumColumn[key]:
			r.K.Defaults[key] = g.expr
		default:
			r.K.Others = append(r.K.Others, otherDefault{g.table, g.column, g.expr})
			r.Touches(g.table)
		}
		return nil
	}, pq.Array(r.H.Oids["pg_attrdef"]))
}

// Columns makes generated columns again; those that children have come with
// their parent's, and only need what they have of their own.
func (r *Reader) Columns() error {
	var ofChildren []Piece
	for _, g := range r.generated {
		p := Piece{What: "generated column " + g.table + "." + g.column}
		if g.inherited && !slices.ContainsFunc(r.generated, func(o generatedColumn) bool { return !o.inherited && o.raw == g.raw && o.expr == g.expr }) {
			return mistake.Refusef("%s has an expression other than its parent's, and would come back with the parent's", p.What)
		}
		if g.inherited && g.notNull && slices.ContainsFunc(r.generated, func(o generatedColumn) bool { return !o.inherited && o.raw == g.raw && !o.notNull }) {
			p.Make = []string{"ALTER TABLE " + g.table + "\n    ALTER COLUMN " + g.column + " SET NOT NULL"}
		}
		if !g.inherited {
			p.Drop = []string{"ALTER TABLE " + g.table + "\n    DROP COLUMN " + g.column}
			p.Make = []string{g.add()}
		}
		err := r.Rows("settings", func(scan func(...any) error) error {
			var s string
			err := scan(&s)
			p.Make = append(p.Make, strings.Replace(s, "ALTER TABLE ", "ALTER TABLE ONLY ", 1))
			return err
		}, g.oid, g.number, g.raw)
		if err != nil {
			return err
		}
		switch {
		case !g.inherited:
			r.add(p)
		case len(p.Make) > 0:
			ofChildren = append(ofChildren, p)
		}
	}
	for _, p := range ofChildren {
		r.add(p)
	}
	return nil
}

func (g generatedColumn) add() string {
	def := g.typ
	if g.collation != "" {
		def += " COLLATE " + g.collation
	}
	add := fmt.Sprintf("ALTER TABLE %s\n    ADD COLUMN %s %s GENERATED ALWAYS AS (%s) STORED", g.table, g.column, def, g.expr)
	if g.notNull {
		add += " NOT NULL"
	}
	return add
}

func (r *Reader) Statistics() error {
	return r.Rows("statistics", func(scan func(...any) error) error {
		var oid, table int64
		var name, def, owner, said string
		var foreign bool
		var target int
		if err := scan(&oid, &name, &def, &owner, &foreign, &target, &said, &table); err != nil {
			return err
		}
		p := Piece{What: "statistics " + name, Drop: []string{"DROP STATISTICS " + name}, Make: []string{def}}
		if target >= 0 {
			p.Make = append(p.Make, fmt.Sprintf("ALTER STATISTICS %s SET STATISTICS %d", name, target))
		}
		if foreign {
			p.Make = append(p.Make, "ALTER STATISTICS "+name+" OWNER TO "+owner)
		}
		if said != "" {
			p.Make = append(p.Make, sqltext.Comment("STATISTICS "+name, said))
		}
		if slices.Contains(r.H.Views, table) {
			r.ofView(table).Make = append(r.ofView(table).Make, p.Make...)
			return nil
		}
		r.add(p)
		return nil
	}, pq.Array(r.H.Oids["pg_statistic_ext"]))
}

// ofView is what is made together with a view.
func (r *Reader) ofView(oid int64) *Piece {
	if r.viewOf == nil {
		r.viewOf = map[int64]*Piece{}
	}
	if r.viewOf[oid] == nil {
		r.viewOf[oid] = &Piece{}
	}
	return r.viewOf[oid]
}

func (r *Reader) Indexes() error {
	parts := partitioned{}
	return r.Rows("indexes", func(scan func(...any) error) error {
		var oid, table, root int64
		var name, on, bare, def, said, space string
		var part, clustered, identity bool
		var targets []string
		if err := scan(&oid, &table, &name, &on, &bare, &def, &part, &root, &said, &clustered, &identity, &space, (*pq.StringArray)(&targets)); err != nil {
			return err
		}
		def = strings.Replace(def, " INDEX "+bare+" ON ONLY ", " INDEX "+bare+" ON ", 1)
		p := Piece{What: "index " + name, Drop: []string{"DROP INDEX " + name}, Make: []string{sqltext.BreakIndex(def)}}
		for _, t := range targets {
			p.Make = append(p.Make, "ALTER INDEX "+name+" ALTER COLUMN "+t)
		}
		if space != "" {
			p.Make = append(p.Make, "ALTER INDEX "+name+" SET TABLESPACE "+pgtext.Ident(space))
		}
		p.Make = append(p.Make, sqltext.IndexMarks(on, bare, clustered, identity)...)
		if said != "" {
			p.Make = append(p.Make, sqltext.Comment("INDEX "+name, said))
		}
		if slices.Contains(r.H.Views, table) {
			r.ofView(table).Make = append(r.ofView(table).Make, p.Make...)
			return nil
		}
		parts.add(r, root, part, p)
		return nil
	}, pq.Array(r.indexOIDs()), pq.Array(r.H.Generated), pq.Array(r.H.Views), pq.Array(r.own))
}

func (r *Reader) indexOIDs() []int64 { return append(slices.Clone(r.H.Oids["i"]), r.H.Oids["I"]...) }

// Parts finds the indexes of partitions that have something of their own. The
// others are not spoken of: partitions come and go until a file runs.
func (r *Reader) Parts() error {
	return r.Rows("parts", func(scan func(...any) error) error {
		var oid, root int64
		var cannot string
		if err := scan(&oid, &root, &cannot); err != nil {
			return err
		}
		if cannot != "" {
			return mistake.New(cannot, "fix that in a migration before")
		}
		r.own = append(r.own, oid, root)
		return nil
	}, pq.Array(r.indexOIDs()))
}

// partitioned is what makes indexes of partitions, by the one at their root. It
// comes before that one is made, in the same piece.
type partitioned map[int64][]string

func (all partitioned) add(r *Reader, root int64, part bool, p Piece) {
	if part {
		all[root] = append(all[root], p.Make...)
		return
	}
	p.Make = append(all[root], p.Make...)
	r.add(p)
}

func (r *Reader) Constraints(foreignKeys bool) error {
	parts := partitioned{}
	return r.Rows("constraints", func(scan func(...any) error) error {
		var oid, root int64
		var table, name, kind, def, said, target, indexSaid, options, space string
		var clustered, identity, rooted, part bool
		var ofChildren []string
		if err := scan(&oid, &table, &name, &kind, &def, &said, &clustered, &identity, &target, &indexSaid,
			&rooted, &part, &root, &options, &space, (*pq.StringArray)(&ofChildren)); err != nil {
			return err
		}
		if (kind == "f") != foreignKeys {
			return nil
		}
		if rooted && options != "" {
			return mistake.Refusef("constraint %s of the partitioned table %s has settings (%s), and ALTER TABLE cannot say them", name, table, options)
		}
		if !part { // a partition is locked with its parent
			r.Touches(table)
		}
		if foreignKeys {
			r.Touches(target)
		}
		schema, _, _ := strings.Cut(table, ".")
		index := schema + "." + name
		p := Piece{
			What: "constraint " + name + " of " + table,
			Drop: []string{"ALTER TABLE " + table + "\n    DROP CONSTRAINT " + name},
			Make: []string{"ALTER TABLE " + table + "\n    ADD CONSTRAINT " + name + " " + def},
		}
		p.KeepsOut = r.K.KeptOut(r.e, def)
		if options != "" {
			p.Make = append(p.Make, "ALTER INDEX "+index+" SET ("+options+")")
		}
		if space != "" {
			p.Make = append(p.Make, "ALTER INDEX "+index+" SET TABLESPACE "+pgtext.Ident(space))
		}
		p.Make = append(p.Make, sqltext.IndexMarks(table, name, clustered, identity)...)
		if said != "" {
			p.Make = append(p.Make, sqltext.Comment("CONSTRAINT "+name+" ON "+table, said))
		}
		if indexSaid != "" {
			p.Make = append(p.Make, sqltext.Comment("INDEX "+index, indexSaid))
		}
		p.Make = append(p.Make, ofChildren...)
		parts.add(r, root, part, p)
		return nil
	}, pq.Array(r.H.Oids["pg_constraint"]), pq.Array(r.H.Generated), pq.Array(r.own))
}
