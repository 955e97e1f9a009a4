package enum

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lib/pq"

	"rung/internal/pgtext"
	"rung/templates/internal/catalog"
	"rung/templates/internal/dependents"
	"rung/templates/internal/sqltext"
)

// onlineIndex is an index that a second column needs too. Its definitions
// have placeholders instead of enum values.
type onlineIndex struct {
	Table               string // as SQL
	schema              string
	name, fresh, former string
	unique              bool
	// forth is the definition's end for the second column, back that for the
	// first one once it has its former name.
	forth, back string
	// Constraint is true for an index that is a UNIQUE constraint; how is what
	// follows that.
	Constraint           bool
	how                  string
	constraintSaid, said string
	space                string
	targets              []string
	// alone is true for one that names values only, and so goes with no column.
	alone bool
	// clustered and identity are what its table notes of it, by its name.
	clustered, identity bool
}

func (o *online) readIndexes(r *dependents.Reader) error {
	var tails []string
	err := r.Rows("replacements", func(scan func(...any) error) error {
		x := &onlineIndex{}
		var table, def string
		if err := scan(&x.schema, &table, &x.name, &x.unique, &def, &x.Constraint, &x.how, &x.constraintSaid, &x.said,
			&x.clustered, &x.identity, &x.space, (*pq.StringArray)(&x.targets), &x.alone); err != nil {
			return err
		}
		x.Table = pgtext.Ident(x.schema) + "." + pgtext.Ident(table)
		x.fresh, x.former = sqltext.Name(x.name, "new"), sqltext.Name(x.name, "old")
		_, tail, _ := pgtext.CutOutsideQuotes(def, " USING ")
		tails = append(tails, tail)
		o.Indexes = append(o.Indexes, x)
		r.Touches(x.Table)
		return nil
	}, pq.Array(r.H.Oids["i"]), o.Enum.OID, o.Enum.Array)
	if err != nil {
		return err
	}
	for i, x := range o.Indexes {
		for to, suffix := range map[*string]string{&x.forth: "new", &x.back: "old"} {
			def, err := catalog.Retold(r.Ctx, r.Db, x.Table, catalog.ProbeIndex(tails[i]), o.renamed(r, x.Table, suffix), catalog.SQL("probe_index"))
			if err != nil {
				return fmt.Errorf("index %s: %w", x.name, err)
			}
			_, tail, _ := pgtext.CutOutsideQuotes(def, " USING ")
			*to = x.placed(sqltext.BreakWhere(strings.TrimPrefix("USING "+tail, "USING btree ")))
		}
	}
	var unique []*onlineIndex // these last: see notice.Twice
	o.Indexes = slices.DeleteFunc(o.Indexes, func(x *onlineIndex) bool {
		if x.unique {
			unique = append(unique, x)
		}
		return x.unique
	})
	o.Indexes = append(o.Indexes, unique...)
	return nil
}

// placed puts the tablespace where CREATE INDEX wants it.
func (x *onlineIndex) placed(tail string) string {
	if x.space == "" {
		return tail
	}
	keys, where, _ := pgtext.CutOutsideQuotes(tail, "\n WHERE ")
	keys += "\n    TABLESPACE " + pgtext.Ident(x.space)
	if where != "" {
		keys += "\n WHERE " + where
	}
	return keys
}

// renamed gives the probe's columns and the type the names that second ones
// have before the switch, or first ones after it.
func (o *online) renamed(r *dependents.Reader, table, suffix string) string {
	all := "ALTER TYPE " + o.Enum.Full + " RENAME TO " + pgtext.Ident(r.K.FreeType(o.Enum.Name, suffix))
	if o.beside != "" && suffix == "new" {
		all = "CREATE SCHEMA " + pgtext.Ident(o.beside) + ";\nALTER TYPE " + o.Enum.Full + " SET SCHEMA " + pgtext.Ident(o.beside)
	}
	for _, c := range o.Enum.Columns {
		if c.TableAs() == table {
			all += ";\nALTER TABLE pg_temp.rung_probe RENAME COLUMN " + pgtext.Ident(c.Column) + " TO " + pgtext.Ident(sqltext.Name(c.Column, suffix))
		}
	}
	return all
}

func (x *onlineIndex) full(name string) string {
	return pgtext.Ident(x.schema) + "." + pgtext.Ident(name)
}

// builtIndex is one that a file builds beside reads and writes. Keys is the end of its
// definition; all but the comments are as SQL.
type builtIndex struct {
	Table, Name, Full, Keys    string
	Unique, Constraint         bool
	How                        string
	Targets                    []string
	Comment, ConstraintComment string
}

// Replacements are the indexes that second columns need.
func (o *online) Replacements() []builtIndex {
	return o.built(func(x *onlineIndex) (name, keys string) { return x.fresh, o.forthWay.fill(x.forth) })
}

// FormerIndexes are those of the first columns, for the down migration of the contract.
func (o *online) FormerIndexes() []builtIndex {
	return o.built(func(x *onlineIndex) (name, keys string) { return x.former, o.backWay.fill(x.back) })
}

func (o *online) built(as func(*onlineIndex) (name, keys string)) []builtIndex {
	var all []builtIndex
	for _, x := range o.Indexes {
		name, keys := as(x)
		all = append(all, builtIndex{x.Table, pgtext.Ident(name), x.full(name), keys, x.unique, x.Constraint, x.how, x.targets, x.said, x.constraintSaid})
	}
	return all
}

// Alone are the indexes that name values only, and so go with no column.
func (o *online) Alone() []*onlineIndex {
	return slices.DeleteFunc(slices.Clone(o.Indexes), func(x *onlineIndex) bool { return !x.alone })
}

// Fresh is its replacement's name as SQL; FreshFull and FormerFull have the schema too.
func (x *onlineIndex) Fresh() string { return pgtext.Ident(x.fresh) }

func (x *onlineIndex) FreshFull() string { return x.full(x.fresh) }

func (x *onlineIndex) FormerFull() string { return x.full(x.former) }

// definition is all that is said of it, to search for values.
func (x *onlineIndex) definition() []string {
	return append([]string{x.forth, pgtext.Literal(x.said), pgtext.Literal(x.constraintSaid)}, x.targets...)
}

func (o *online) readChecks(r *dependents.Reader) error {
	err := r.Rows("checks", func(scan func(...any) error) error {
		k := &dependents.Check{}
		var schema, table string
		if err := scan(&schema, &table, &k.Constraint, &k.Definition, &k.Valid, &k.Remark); err != nil {
			return err
		}
		k.Table = pgtext.Ident(schema) + "." + pgtext.Ident(table)
		k.Fresh, k.Definition = sqltext.Name(k.Constraint, "new"), strings.TrimSuffix(k.Definition, " NOT VALID")
		k.KeepsOut = r.K.KeptOut(o.Enum, k.Definition)
		o.Checks = append(o.Checks, k)
		r.Touches(k.Table)
		return nil
	}, pq.Array(r.H.Oids["pg_constraint"]))
	if err != nil {
		return err
	}
	for _, k := range o.Checks {
		if k.Forth, err = catalog.Retold(r.Ctx, r.Db, k.Table, catalog.ProbeCheck(k.Definition), o.renamed(r, k.Table, "new"), catalog.SQL("probe_check")); err != nil {
			return fmt.Errorf("constraint %s: %w", k.Constraint, err)
		}
	}
	return nil
}
