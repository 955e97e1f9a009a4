package dependents

import (
	"slices"
	"strings"

	"github.com/lib/pq"

	"rung/templates/internal/mistake"
	"rung/templates/internal/sqltext"
)

func (r *Reader) Views() error {
	r.viewsAt = len(r.K.Pieces)
	byOID := map[int64]*Piece{}
	err := r.Rows("views", func(scan func(...any) error) error {
		var oid int64
		var name, def, owner, said, space, method string
		var materialized, foreign, populated, temporary bool
		var options, comments, defaults, targets []string
		if err := scan(&oid, &name, &materialized, &def, (*pq.StringArray)(&options), &owner, &foreign, &populated, &said,
			(*pq.StringArray)(&comments), (*pq.StringArray)(&defaults), (*pq.StringArray)(&targets), &space, &method, &temporary); err != nil {
			return err
		}
		if temporary {
			return mistake.Refusef("the temporary view %s depends on the type", name)
		}
		kind := "VIEW"
		if materialized {
			kind = "MATERIALIZED VIEW"
		}
		p := &Piece{What: strings.ToLower(kind) + " " + name, Drop: []string{"DROP " + kind + " " + name}}
		create := "CREATE " + kind + " " + name
		if method != "" {
			create += " USING " + method
		}
		if len(options) > 0 {
			create += "\n  WITH (" + strings.Join(options, ", ") + ")"
		}
		if space != "" {
			create += " TABLESPACE " + space
		}
		create += " AS\n" + strings.TrimSuffix(strings.TrimRight(def, " \n"), ";")
		if materialized && !populated {
			create += "\n  WITH NO DATA"
		}
		p.Make = append(p.Make, create)
		for _, who := range r.K.revoke {
			p.Make = append(p.Make, "REVOKE ALL ON "+name+" FROM "+who)
		}
		if foreign {
			p.Make = append(p.Make, "ALTER "+kind+" "+name+" OWNER TO "+owner)
		}
		p.Make = append(p.Make, r.K.grants[oid]...)
		if said != "" {
			p.Make = append(p.Make, sqltext.Comment(kind+" "+name, said))
		}
		p.Make = slices.Concat(p.Make, comments, defaults, targets)
		if more := r.viewOf[oid]; more != nil {
			p.Make = append(p.Make, more.Make...)
		}
		byOID[oid] = p
		return nil
	}, pq.Array(r.H.Views))
	if err != nil {
		return err
	}
	r.viewOf = byOID
	for _, oid := range r.H.Views {
		r.viewPieces = append(r.viewPieces, byOID[oid])
	}
	return nil
}

// StateWords are how ALTER TABLE sets what pg_trigger and pg_rewrite note.
var StateWords = map[string]string{"D": "DISABLE", "R": "ENABLE REPLICA", "A": "ENABLE ALWAYS"}

func (r *Reader) Rules() error {
	return r.Rows("rules", func(scan func(...any) error) error {
		var oid, table int64
		var on, name, def, state, said string
		if err := scan(&oid, &table, &on, &name, &def, &state, &said); err != nil {
			return err
		}
		p := Piece{What: "rule " + name + " of " + on, Drop: []string{"DROP RULE " + name + " ON " + on}, Make: []string{strings.TrimSuffix(strings.TrimSpace(def), ";")}}
		if word := StateWords[state]; word != "" {
			p.Make = append(p.Make, "ALTER TABLE "+on+"\n    "+word+" RULE "+name)
		}
		if said != "" {
			p.Make = append(p.Make, sqltext.Comment("RULE "+name+" ON "+on, said))
		}
		r.addTo(table, on, p)
		return nil
	}, pq.Array(r.H.Oids["pg_rewrite"]))
}

// addTo adds what belongs to a table, or to a view that goes and comes as a whole.
func (r *Reader) addTo(relation int64, name string, p Piece) {
	if slices.Contains(r.H.Views, relation) {
		p.Drop = nil // goes with its view
	} else {
		r.Touches(name)
	}
	r.add(p)
}

func (r *Reader) Triggers() error {
	return r.Rows("triggers", func(scan func(...any) error) error {
		var oid, table int64
		var on, name, def, state, said string
		var copies []string
		if err := scan(&oid, &table, &on, &name, &def, &state, &said, (*pq.StringArray)(&copies)); err != nil {
			return err
		}
		p := Piece{What: "trigger " + name + " of " + on, Drop: []string{"DROP TRIGGER " + name + " ON " + on}, Make: []string{sqltext.BreakTrigger(def)}}
		if word := StateWords[state]; word != "" {
			p.Make = append(p.Make, "ALTER TABLE "+on+"\n    "+word+" TRIGGER "+name)
		}
		p.Make = append(p.Make, copies...)
		if said != "" {
			p.Make = append(p.Make, sqltext.Comment("TRIGGER "+name+" ON "+on, said))
		}
		r.addTo(table, on, p)
		return nil
	}, pq.Array(r.H.Oids["pg_trigger"]))
}

func (r *Reader) Policies() error {
	return r.Rows("policies", func(scan func(...any) error) error {
		var oid, table int64
		var on, name, restrictive, command, roles, using, check, said string
		if err := scan(&oid, &table, &on, &name, &restrictive, &command, &roles, &using, &check, &said); err != nil {
			return err
		}
		def := "CREATE POLICY " + name + " ON " + on
		for _, part := range [][2]string{{"AS ", restrictive}, {"FOR ", command}, {"TO ", roles}} {
			if part[1] != "" {
				def += "\n    " + part[0] + part[1]
			}
		}
		if using != "" {
			def += "\n    USING (" + using + ")"
		}
		if check != "" {
			def += "\n    WITH CHECK (" + check + ")"
		}
		p := Piece{What: "policy " + name + " of " + on, Drop: []string{"DROP POLICY " + name + " ON " + on}, Make: []string{def}}
		if said != "" {
			p.Make = append(p.Make, sqltext.Comment("POLICY "+name+" ON "+on, said))
		}
		r.addTo(table, on, p)
		return nil
	}, pq.Array(r.H.Oids["pg_policy"]))
}

func (r *Reader) Publications() error {
	if len(r.H.Oids["pg_publication_rel"]) == 0 {
		return nil // before PostgreSQL 15 there are no column lists to read
	}
	return r.Rows("publications", func(scan func(...any) error) error {
		var oid, table int64
		var on, name, columns, where string
		if err := scan(&oid, &table, &on, &name, &columns, &where); err != nil {
			return err
		}
		add := "ALTER PUBLICATION " + name + " ADD TABLE ONLY " + on
		if columns != "" {
			add += " (" + columns + ")"
		}
		if where != "" {
			add += "\n WHERE (" + where + ")"
		}
		r.addTo(table, on, Piece{What: "publication " + name, Drop: []string{"ALTER PUBLICATION " + name + " DROP TABLE ONLY " + on}, Make: []string{add}})
		return nil
	}, pq.Array(r.H.Oids["pg_publication_rel"]))
}
