package templates

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/lib/pq"

	"rung/internal/pgtext"
)

// bigTable is a table with columns that become bigint.
type bigTable struct {
	T         *Table
	Key       string // of its batches
	Columns   []*bigColumn
	Indexes   []*bigIndex
	Checks    []*bigCheck
	Sequences []*bigSequence // those that defaults take their numbers from
	function  string
	trigger   string
	// k is what is dropped and made again at the switch: views, triggers, policies.
	k *capture
}

// bigColumn is a column that becomes bigint, and the one beside it: until the switch
// that one is the new one, and after it the old one.
type bigColumn struct {
	Column
	t *bigTable
	// dress is what the new one has beside its type.
	dress    []string
	identity *bigSequence
	owned    []*bigSequence
}

func (c *bigColumn) at(side string) string {
	if side == "" {
		return c.Name
	}
	return Name(c.Name, side)
}

func (c *bigColumn) fresh() string { return c.at(bigSide) }

// as is the column as SQL.
func (c *bigColumn) as(side string) string { return pgtext.Ident(c.at(side)) }

// filled names the CHECK that proves NOT NULL.
func (c *bigColumn) filled(side string) string { return Name(c.t.T.Name, c.at(side), "is_not_null") }

// equal names the CHECK that proves that both columns are equal in every row.
func (t *bigTable) equal(side string) string { return Name(t.T.Name, side, "is_equal") }

// look reads what a table has, and refuses what cannot be carried along.
func (b *bigKey) look(ctx context.Context, in *Input, t *bigTable) (err error) {
	switch {
	case t.T.Partitioned:
		return &Mistake{t.T.As + " is partitioned, and bigint-key does not change partitioned tables", "make a new partitioned table with a bigint key and copy the rows"}
	case slices.ContainsFunc(t.Columns, func(c *bigColumn) bool { return c.Generated }):
		return refusef("a generated column of %s refers to the key", t.T.As)
	}
	for _, c := range t.Columns { // definitions are tried out on columns of these names
		if err := firstOf(t.T.freeColumn(c.at(bigSide)), t.T.freeColumn(c.at(intSide))); err != nil {
			return err
		}
	}
	if t.Key, err = t.T.BatchKey(); err != nil {
		return err
	}
	if err := firstOf(t.T.MayFollow(), in.ordinary(ctx, t)); err != nil {
		return err
	}
	t.function = Name(t.T.Name, "bigint", "follow")
	if t.trigger, err = in.lastToFire(ctx, t.T, t.function); err != nil {
		return err
	}
	var edges []edge
	for _, c := range t.Columns {
		found, err := in.DB.edges(ctx, 0, t.T.OID, c.Name)
		if err != nil {
			return fmt.Errorf("find what depends on %s.%s: %w", t.T.As, c.Name, err)
		}
		for _, x := range found {
			if x.relkind != "S" && !slices.Contains(edges, x) { // a sequence goes on with the new column
				edges = append(edges, x)
			}
		}
		var number int
		if err := in.DB.queryRow(ctx, "SELECT attnum FROM pg_catalog.pg_attribute WHERE attrelid = $1 AND attname = $2", t.T.OID, c.Name).Scan(&number); err != nil {
			return err
		}
		if c.dress, err = in.DB.strings(ctx, enumSQL("settings"), t.T.OID, number, c.fresh()); err != nil {
			return fmt.Errorf("look at %s.%s: %w", t.T.As, c.Name, err)
		}
		if err := c.sequences(ctx, in.DB, number); err != nil {
			return err
		}
	}
	if err := t.refuse(edges); err != nil {
		return err
	}
	h, err := hangingOf(edges)
	if err != nil {
		return err
	}
	return t.capture(ctx, in, h)
}

// ordinary refuses a table or a column that takes no other one beside it.
func (in *Input) ordinary(ctx context.Context, t *bigTable) error {
	names := joinBy(t.Columns, "\x00", func(c *bigColumn) string { return c.Name })
	found, err := in.DB.strings(ctx, `
SELECT 'is a table of the type ' || reloftype::regtype FROM pg_catalog.pg_class WHERE oid = $1 AND reloftype <> 0
 UNION ALL
SELECT 'has ' || pg_catalog.quote_ident(attname) || ' from a table that it inherits from' FROM pg_catalog.pg_attribute WHERE attrelid = $1 AND attinhcount > 0 AND attname = ANY ($2)
 UNION ALL
SELECT 'is a temporary table' FROM pg_catalog.pg_class WHERE oid = $1 AND relpersistence = 't'`, t.T.OID, pq.Array(strings.Split(names, "\x00")))
	if err != nil || len(found) == 0 {
		return err
	}
	return refusef("%s %s", t.T.As, found[0])
}

// refuse names what depends on the columns and cannot be made again in a moment.
func (t *bigTable) refuse(edges []edge) error {
	var cannot []string
	for _, x := range edges {
		switch {
		case x.generated, x.from.class == "pg_class" && x.relkind == "m", x.extension, !rebuilt(x),
			x.from.class == "pg_class" && strings.Contains("rp", x.relkind) && x.from.sub == 0:
			cannot = append(cannot, x.what)
		}
	}
	if len(cannot) == 0 {
		return nil
	}
	return &Mistake{
		fmt.Sprintf("bigint-key cannot carry along what depends on %s: %s", t.T.As, strings.Join(unique(cannot), ", ")),
		"drop these in a migration before, and make them again in one after",
	}
}

// capture reads the definitions of what goes and comes, while the columns still have
// their names: so that they mean the new columns once those have them.
func (t *bigTable) capture(ctx context.Context, in *Input, h *hanging) error {
	e := &Enum{As: t.T.As, Full: t.T.Full()}
	var err error
	t.k, err = in.DB.capture(ctx, e, h, func(r *reader) []func() error {
		return []func() error{
			r.grants, r.statistics, r.views, r.rules, r.triggers, r.policies, r.publications,
			func() error { return t.readIndexes(r.ctx, in) }, func() error { return t.readChecks(r.ctx, in) },
		}
	})
	if err != nil {
		return err
	}
	return t.k.mustKeepTexts()
}

// freeNames refuses names that are taken, or that two things would have.
func (t *bigTable) freeNames(ctx context.Context, in *Input) error {
	names, constraints := []string{t.function}, []string{}
	for _, side := range []string{bigSide, intSide} {
		constraints = append(constraints, t.equal(side))
		for _, c := range t.Columns {
			constraints = append(constraints, c.filled(side))
			for _, s := range c.owned {
				if c.identity == s {
					names = append(names, Name(s.name, side))
				}
			}
		}
		for _, x := range t.Indexes {
			names = append(names, x.at(side))
		}
		for _, k := range t.Checks {
			constraints = append(constraints, k.at(side))
		}
	}
	if err := firstOf(in.free(ctx, t.T, names...), in.freeTrigger(ctx, t.T, t.trigger)); err != nil {
		return err
	}
	for _, name := range constraints {
		if err := in.freeConstraint(ctx, t.T, name); err != nil {
			return err
		}
	}
	if len(unique(names)) < len(names) || len(unique(constraints)) < len(constraints) {
		return &Mistake{fmt.Sprintf("names on %s are too long to be told apart with _big and _int behind them", t.T.As), "shorten them first"}
	}
	return nil
}
