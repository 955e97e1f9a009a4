package bigint

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/lib/pq"

	"rung/internal/pgtext"
	"rung/templates/internal/catalog"
	"rung/templates/internal/mistake"
	"rung/templates/internal/sqltext"
	"rung/templates/internal/task"
)

// bigIndex is an index with one of the columns in it.
type bigIndex struct {
	t      *bigTable
	name   string
	def    string
	unique bool
	// constraint is PRIMARY KEY or UNIQUE, or "" for an index that is none.
	constraint           string
	said, constraintSaid string
	clustered, identity  bool
	cannot               string
	space                string
	targets              []string
	// tail is what follows ON table, by the columns' names.
	tail map[string]string
}

func (x *bigIndex) at(side string) string {
	if side == "" {
		return x.name
	}
	return sqltext.Name(x.name, side)
}

func (x *bigIndex) full(side string) string {
	return pgtext.Ident(x.t.T.Schema) + "." + pgtext.Ident(x.at(side))
}

// readIndexes wants a transaction, as it has the server write the definitions anew.
func (t *bigTable) readIndexes(ctx context.Context, in *task.Input) (err error) {
	t.Indexes, err = catalog.List(ctx, in.DB, func(rows *sql.Rows) (*bigIndex, error) {
		x := &bigIndex{t: t, tail: map[string]string{}}
		err := rows.Scan(&x.name, &x.def, &x.unique, &x.constraint, &x.said, &x.constraintSaid, &x.clustered, &x.identity, &x.cannot, &x.space, (*pq.StringArray)(&x.targets))
		return x, err
	}, catalog.SQL("int_indexes"), t.T.OID, pq.Array(t.names("")))
	if err != nil {
		return err
	}
	for _, x := range t.Indexes {
		if x.cannot != "" {
			return mistake.New(fmt.Sprintf("index %s %s", x.full(""), x.cannot), "drop it in a migration before, and make it again in one after")
		}
		_, tail, _ := pgtext.CutOutsideQuotes(x.def, " USING ")
		for _, side := range []string{bigSide, intSide} {
			def, err := catalog.Retold(ctx, in.DB, t.T.Full(), catalog.ProbeIndex(tail), t.renamed(side), catalog.SQL("probe_index"))
			if e := pq.As(err); e != nil {
				return mistake.New(fmt.Sprintf("index %s cannot be built over bigint: %s", x.full(""), e.Message), "drop it in a migration before, and make one that suits bigint in one after")
			} else if err != nil {
				return err
			}
			_, said, _ := pgtext.CutOutsideQuotes(def, " USING ")
			keys, where, _ := pgtext.CutOutsideQuotes(said, " WHERE ")
			if x.space != "" {
				keys += "\n    TABLESPACE " + pgtext.Ident(x.space)
			}
			if keys = strings.TrimPrefix("USING "+keys, "USING btree "); where != "" {
				keys += "\n WHERE " + where
			}
			x.tail[side] = keys
		}
	}
	// Unique ones last: from then on an ON CONFLICT may meet them.
	slices.SortStableFunc(t.Indexes, func(a, b *bigIndex) int {
		switch {
		case a.unique == b.unique:
			return 0
		case a.unique:
			return 1
		}
		return -1
	})
	return nil
}

// names are the columns, with a word behind their names.
func (t *bigTable) names(side string) []string {
	var all []string
	for _, c := range t.Columns {
		all = append(all, c.at(side))
	}
	return all
}

// renamed gives the probe's columns the names of one side, and the new ones their type.
func (t *bigTable) renamed(side string) string {
	var all []string
	for _, c := range t.Columns {
		if side == bigSide {
			all = append(all, "ALTER TABLE pg_temp.rung_probe ALTER COLUMN "+c.as("")+" TYPE bigint")
		}
		all = append(all, "ALTER TABLE pg_temp.rung_probe RENAME COLUMN "+c.as("")+" TO "+c.as(side))
	}
	return strings.Join(all, ";\n")
}

// create builds the index of one side beside reads and writes.
func (x *bigIndex) create(side string) string {
	kind := "CREATE INDEX"
	if x.unique {
		kind = "CREATE UNIQUE INDEX"
	}
	all := []string{kind + " CONCURRENTLY " + pgtext.Ident(x.at(side)) + "\n    ON " + x.t.T.As + " " + x.tail[side]}
	for _, t := range x.targets {
		all = append(all, "ALTER INDEX "+x.full(side)+" ALTER COLUMN "+t)
	}
	if x.said != "" {
		all = append(all, sqltext.Comment("INDEX "+x.full(side), x.said))
	}
	return sqltext.Statements(all) + "\n"
}

// trade has the index that comes take the name of the one that leaves, which stays
// under another name, but for a unique one: a second one would be in the way of an
// ON CONFLICT that does not name it.
func (x *bigIndex) trade(w turn) []string {
	var all []string
	switch {
	case x.constraint != "":
		all = append(all,
			"ALTER TABLE "+x.t.T.As+"\n    DROP CONSTRAINT "+pgtext.Ident(x.name),
			"ALTER TABLE "+x.t.T.As+"\n    ADD CONSTRAINT "+pgtext.Ident(x.name)+" "+x.constraint+" USING INDEX "+pgtext.Ident(x.at(w.come)))
		if x.constraintSaid != "" {
			all = append(all, sqltext.Comment("CONSTRAINT "+pgtext.Ident(x.name)+" ON "+x.t.T.As, x.constraintSaid))
		}
	case x.unique:
		all = append(all, "DROP INDEX "+x.full(""), "ALTER INDEX "+x.full(w.come)+"\n    RENAME TO "+pgtext.Ident(x.name))
	default:
		all = append(all, "ALTER INDEX "+x.full("")+"\n    RENAME TO "+pgtext.Ident(x.at(w.leave)), "ALTER INDEX "+x.full(w.come)+"\n    RENAME TO "+pgtext.Ident(x.name))
	}
	return append(all, sqltext.IndexMarks(x.t.T.As, pgtext.Ident(x.name), x.clustered, x.identity)...)
}

// bigCheck is a CHECK with one of the columns in it.
type bigCheck struct {
	t     *bigTable
	name  string
	def   string
	valid bool
	said  string
	by    map[string]string // by the columns' names
}

func (k *bigCheck) at(side string) string { return sqltext.Name(k.name, side) }

func (t *bigTable) readChecks(ctx context.Context, in *task.Input) (err error) {
	t.Checks, err = catalog.List(ctx, in.DB, func(rows *sql.Rows) (*bigCheck, error) {
		k := &bigCheck{t: t, by: map[string]string{}}
		err := rows.Scan(&k.name, &k.def, &k.valid, &k.said)
		k.def = strings.TrimSuffix(k.def, " NOT VALID")
		return k, err
	}, catalog.SQL("int_checks"), t.T.OID, pq.Array(t.names("")))
	if err != nil {
		return err
	}
	for _, k := range t.Checks {
		for _, side := range []string{bigSide, intSide} {
			if k.by[side], err = catalog.Retold(ctx, in.DB, t.T.Full(), catalog.ProbeCheck(k.def), t.renamed(side), catalog.SQL("probe_check")); err != nil {
				return fmt.Errorf("constraint %s: %w", k.name, err)
			}
		}
	}
	return nil
}
