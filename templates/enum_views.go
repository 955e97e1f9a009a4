package templates

import (
	"slices"
	"strings"

	"github.com/lib/pq"

	"rung/internal/pgtext"
)

func (r *reader) views() error {
	r.viewsAt = len(r.k.pieces)
	byOID := map[int64]*piece{}
	err := r.rows("views", func(scan func(...any) error) error {
		var oid int64
		var name, def, owner, said, space, method string
		var materialized, foreign, populated, temporary bool
		var options, comments, defaults, targets []string
		if err := scan(&oid, &name, &materialized, &def, (*pq.StringArray)(&options), &owner, &foreign, &populated, &said,
			(*pq.StringArray)(&comments), (*pq.StringArray)(&defaults), (*pq.StringArray)(&targets), &space, &method, &temporary); err != nil {
			return err
		}
		if temporary {
			return refusef("the temporary view %s depends on the type", name)
		}
		kind := "VIEW"
		if materialized {
			kind = "MATERIALIZED VIEW"
		}
		p := &piece{What: strings.ToLower(kind) + " " + name, Drop: []string{"DROP " + kind + " " + name}}
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
		for _, who := range r.k.revoke {
			p.Make = append(p.Make, "REVOKE ALL ON "+name+" FROM "+who)
		}
		if foreign {
			p.Make = append(p.Make, "ALTER "+kind+" "+name+" OWNER TO "+owner)
		}
		p.Make = append(p.Make, r.k.grants[oid]...)
		if said != "" {
			p.Make = append(p.Make, comment(kind+" "+name, said))
		}
		p.Make = slices.Concat(p.Make, comments, defaults, targets)
		if more := r.viewOf[oid]; more != nil {
			p.Make = append(p.Make, more.Make...)
		}
		byOID[oid] = p
		return nil
	}, pq.Array(r.h.views))
	if err != nil {
		return err
	}
	r.viewOf = byOID
	for _, oid := range r.h.views {
		r.viewPieces = append(r.viewPieces, byOID[oid])
	}
	return nil
}

// stateWords are how ALTER TABLE sets what pg_trigger and pg_rewrite note.
var stateWords = map[string]string{"D": "DISABLE", "R": "ENABLE REPLICA", "A": "ENABLE ALWAYS"}

func (r *reader) rules() error {
	return r.rows("rules", func(scan func(...any) error) error {
		var oid, table int64
		var on, name, def, state, said string
		if err := scan(&oid, &table, &on, &name, &def, &state, &said); err != nil {
			return err
		}
		p := piece{What: "rule " + name + " of " + on, Drop: []string{"DROP RULE " + name + " ON " + on}, Make: []string{strings.TrimSuffix(strings.TrimSpace(def), ";")}}
		if word := stateWords[state]; word != "" {
			p.Make = append(p.Make, "ALTER TABLE "+on+"\n    "+word+" RULE "+name)
		}
		if said != "" {
			p.Make = append(p.Make, comment("RULE "+name+" ON "+on, said))
		}
		r.addTo(table, on, p)
		return nil
	}, pq.Array(r.h.oids["pg_rewrite"]))
}

// addTo adds what belongs to a table, or to a view that goes and comes as a whole.
func (r *reader) addTo(relation int64, name string, p piece) {
	if slices.Contains(r.h.views, relation) {
		p.Drop = nil // goes with its view
	} else {
		r.touches(name)
	}
	r.add(p)
}

func (r *reader) triggers() error {
	return r.rows("triggers", func(scan func(...any) error) error {
		var oid, table int64
		var on, name, def, state, said string
		var copies []string
		if err := scan(&oid, &table, &on, &name, &def, &state, &said, (*pq.StringArray)(&copies)); err != nil {
			return err
		}
		p := piece{What: "trigger " + name + " of " + on, Drop: []string{"DROP TRIGGER " + name + " ON " + on}, Make: []string{breakTrigger(def)}}
		if word := stateWords[state]; word != "" {
			p.Make = append(p.Make, "ALTER TABLE "+on+"\n    "+word+" TRIGGER "+name)
		}
		p.Make = append(p.Make, copies...)
		if said != "" {
			p.Make = append(p.Make, comment("TRIGGER "+name+" ON "+on, said))
		}
		r.addTo(table, on, p)
		return nil
	}, pq.Array(r.h.oids["pg_trigger"]))
}

// breakTrigger puts the clauses of CREATE TRIGGER on lines of their own.
func breakTrigger(def string) string {
	for _, clause := range []string{" FOR EACH ", " EXECUTE FUNCTION "} {
		if before, after, _ := pgtext.CutOutsideQuotes(def, clause); after != "" {
			def = before + "\n    " + strings.TrimPrefix(clause, " ") + after
		}
	}
	return def
}

func (r *reader) policies() error {
	return r.rows("policies", func(scan func(...any) error) error {
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
		p := piece{What: "policy " + name + " of " + on, Drop: []string{"DROP POLICY " + name + " ON " + on}, Make: []string{def}}
		if said != "" {
			p.Make = append(p.Make, comment("POLICY "+name+" ON "+on, said))
		}
		r.addTo(table, on, p)
		return nil
	}, pq.Array(r.h.oids["pg_policy"]))
}

func (r *reader) publications() error {
	if len(r.h.oids["pg_publication_rel"]) == 0 {
		return nil // before PostgreSQL 15 there are no column lists to read
	}
	return r.rows("publications", func(scan func(...any) error) error {
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
		r.addTo(table, on, piece{What: "publication " + name, Drop: []string{"ALTER PUBLICATION " + name + " DROP TABLE ONLY " + on}, Make: []string{add}})
		return nil
	}, pq.Array(r.h.oids["pg_publication_rel"]))
}
