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
	"rung/templates/internal/dependents"
	"rung/templates/internal/mistake"
	"rung/templates/internal/sqltext"
	"rung/templates/internal/task"
)

// bigIndex is an index with one of the columns in it. One of a partitioned table has
// those of its partitions as its parts: they are built first, beside reads and writes, and
// the server takes them for parts of the one that is made for the table after them.
type bigIndex struct {
	table  string // whose it is, as SQL
	schema string
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
	// keys and where are what follows ON table, by the columns' names.
	keys, where map[string]string
	partitioned bool
	oid, parent uint32
	level       int
	parts       []*bigIndex // the deepest first
}

func (x *bigIndex) at(side string) string {
	if side == "" {
		return x.name
	}
	return sqltext.Name(x.name, side)
}

func (x *bigIndex) full(side string) string {
	return pgtext.Ident(x.schema) + "." + pgtext.Ident(x.at(side))
}

// all is the index after its parts.
func (x *bigIndex) all() []*bigIndex { return append(slices.Clone(x.parts), x) }

// tail is what follows ON table in CREATE INDEX.
func (x *bigIndex) tail(side string) string {
	text := x.keys[side]
	if x.space != "" {
		text += "\n    TABLESPACE " + pgtext.Ident(x.space)
	}
	if x.where[side] != "" {
		text += "\n WHERE " + x.where[side]
	}
	return text
}

// readIndexes wants a transaction, as it has the server write the definitions anew.
func (t *bigTable) readIndexes(ctx context.Context, in *task.Input) error {
	found, err := catalog.List(ctx, in.DB, func(rows *sql.Rows) (*bigIndex, error) {
		x := &bigIndex{keys: map[string]string{}, where: map[string]string{}}
		err := rows.Scan(&x.name, &x.def, &x.unique, &x.constraint, &x.said, &x.constraintSaid, &x.clustered, &x.identity, &x.cannot, &x.space, (*pq.StringArray)(&x.targets),
			&x.schema, &x.table, &x.partitioned, &x.oid, &x.parent)
		if x.parent == 0 {
			x.table = t.T.As
		}
		return x, err
	}, catalog.SQL("int_indexes"), t.T.OID, pq.Array(t.names("")))
	if err != nil {
		return err
	}
	t.Indexes = withParts(found)
	for _, x := range t.Indexes {
		if err := t.retell(ctx, in, x); err != nil {
			return err
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

// withParts are the indexes of the table itself, each with its parts.
func withParts(found []*bigIndex) (tops []*bigIndex) {
	by := map[uint32]*bigIndex{}
	for _, x := range found {
		by[x.oid] = x
	}
	for _, x := range found {
		top := x
		for ; by[top.parent] != nil; top = by[top.parent] {
			x.level++
		}
		if top == x {
			tops = append(tops, x)
		} else {
			x.keys, x.where = top.keys, top.where
			top.parts = append(top.parts, x)
		}
	}
	for _, x := range tops {
		slices.SortStableFunc(x.parts, func(a, b *bigIndex) int { return b.level - a.level })
	}
	return tops
}

// retell finds out what an index is over the columns' other names.
func (t *bigTable) retell(ctx context.Context, in *task.Input, x *bigIndex) error {
	for _, one := range x.all() {
		if one.cannot != "" {
			return mistake.New(fmt.Sprintf("index %s %s", one.full(""), one.cannot), "drop it in a migration before, and make it again in one after")
		}
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
		x.keys[side], x.where[side] = strings.TrimPrefix("USING "+keys, "USING btree "), where
	}
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

// create builds the index of one side beside reads and writes. A constraint of a
// partitioned table takes none for itself: it is added over those of the partitions.
func (x *bigIndex) create(side string) (text string) {
	kind := "CREATE INDEX "
	if x.unique {
		kind = "CREATE UNIQUE INDEX "
	}
	for _, one := range x.all() {
		if one.partitioned && one.constraint != "" {
			continue
		}
		define := func(how string) []string {
			all := []string{kind + how + pgtext.Ident(one.at(side)) + "\n    ON " + one.table + " " + one.tail(side)}
			for _, t := range one.targets {
				all = append(all, "ALTER INDEX "+one.full(side)+" ALTER COLUMN "+t)
			}
			if one.said != "" {
				all = append(all, sqltext.Comment("INDEX "+one.full(side), one.said))
			}
			return all
		}
		if one.partitioned {
			text += "-- The partitions have theirs already; one that was made since gets it here.\n" + dependents.Moment("SHARE", []string{one.table}, nil, define("")...)
		} else {
			text += sqltext.Statements(define("CONCURRENTLY ")) + "\n"
		}
	}
	return text
}

// drops are the statements that drop the index of one side, as far as it is there.
func (x *bigIndex) drops(side string) (text string) {
	var whole, parts []string
	for _, one := range sqltext.Reversed(x.all()) {
		if one.partitioned {
			whole = append(whole, "DROP INDEX IF EXISTS "+one.full(side))
		} else {
			parts = append(parts, "DROP INDEX CONCURRENTLY IF EXISTS "+one.full(side))
		}
	}
	if len(whole) > 0 && x.constraint == "" {
		text = dependents.Moment("ACCESS EXCLUSIVE", []string{x.table}, nil, whole...)
	}
	return text + sqltext.Statements(parts)
}

// trade has the index that comes take the name of the one that leaves, which stays
// under another name, but for a unique one: a second one would disturb an
// ON CONFLICT that does not name it.
func (x *bigIndex) trade(w turn) []string {
	var all []string
	switch {
	case x.constraint != "":
		all = append(all, "ALTER TABLE "+x.table+"\n    DROP CONSTRAINT "+pgtext.Ident(x.name))
	case x.unique:
		all = append(all, "DROP INDEX "+x.full(""))
	default:
		for _, one := range x.all() {
			all = append(all, "ALTER INDEX "+one.full("")+"\n    RENAME TO "+pgtext.Ident(one.at(w.leave)))
		}
	}
	for _, one := range x.all() {
		if one.constraint != "" {
			all = append(all, "ALTER TABLE "+one.table+"\n    ADD CONSTRAINT "+pgtext.Ident(one.name)+" "+one.uses(w.come))
			if one.constraintSaid != "" {
				all = append(all, sqltext.Comment("CONSTRAINT "+pgtext.Ident(one.name)+" ON "+one.table, one.constraintSaid))
			}
		} else {
			all = append(all, "ALTER INDEX "+one.full(w.come)+"\n    RENAME TO "+pgtext.Ident(one.name))
		}
		all = append(all, sqltext.IndexMarks(one.table, pgtext.Ident(one.name), one.clustered, one.identity)...)
	}
	return all
}

// uses is the constraint over the index that comes; for a partitioned table, which takes
// none, over its columns: the server finds the constraints of the partitions.
func (x *bigIndex) uses(come string) string {
	if !x.partitioned {
		return x.constraint + " USING INDEX " + pgtext.Ident(x.at(come))
	}
	keys, nulls := strings.CutSuffix(x.keys[come], " NULLS NOT DISTINCT")
	text := x.constraint + map[bool]string{true: " NULLS NOT DISTINCT"}[nulls] + " " + keys
	if x.space != "" {
		text += " USING INDEX TABLESPACE " + pgtext.Ident(x.space)
	}
	return text
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
