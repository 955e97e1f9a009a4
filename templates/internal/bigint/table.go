package bigint

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/lib/pq"

	"rung/internal/pgtext"
	"rung/templates/internal/catalog"
	"rung/templates/internal/dependents"
	"rung/templates/internal/ensure"
	"rung/templates/internal/mistake"
	"rung/templates/internal/sqltext"
	"rung/templates/internal/task"
)

// bigTable is a table with columns that become bigint.
type bigTable struct {
	T         *catalog.Table
	Key       string // of its batches
	Columns   []*bigColumn
	Indexes   []*bigIndex
	Checks    []*bigCheck
	Sequences []*bigSequence // those that defaults take their numbers from
	function  string
	trigger   string
	// k is what is dropped and made again at the switch: views, triggers, policies.
	k *dependents.Snapshot
}

// bigColumn is a column that becomes bigint, and the one beside it: until the switch
// that one is the new one, and after it the old one.
type bigColumn struct {
	catalog.Column
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
	return sqltext.Name(c.Name, side)
}

func (c *bigColumn) fresh() string { return c.at(bigSide) }

// as is the column as SQL.
func (c *bigColumn) as(side string) string { return pgtext.Ident(c.at(side)) }

// filled names the CHECK that proves NOT NULL.
func (c *bigColumn) filled(side string) string {
	return sqltext.Name(c.t.T.Name, c.at(side), "is_not_null")
}

// equal names the CHECK that proves that both columns are equal in every row.
func (t *bigTable) equal(side string) string { return sqltext.Name(t.T.Name, side, "is_equal") }

// look reads what a table has, and refuses what cannot be carried along.
func (b *bigKey) look(ctx context.Context, in *task.Input, t *bigTable) (err error) {
	if slices.ContainsFunc(t.Columns, func(c *bigColumn) bool { return c.Generated }) {
		return mistake.Refusef("a generated column of %s refers to the key", t.T.As)
	}
	if err := mistake.FirstOf(t.T.MayFollow(), ordinary(ctx, in, t)); err != nil {
		return err
	}
	if t.T.Partitioned {
		for _, c := range t.Columns {
			if err := ensure.PartitionsAgree(ctx, in, t.T, c.Name); err != nil {
				return err
			}
		}
	}
	for _, c := range t.Columns { // definitions are tried out on columns of these names
		if err := mistake.FirstOf(t.T.FreeColumn(c.at(bigSide)), t.T.FreeColumn(c.at(intSide))); err != nil {
			return err
		}
	}
	if t.Key, err = t.T.BatchKey(); err != nil {
		return err
	}
	t.function = sqltext.Name(t.T.Name, "bigint", "follow")
	if t.trigger, err = ensure.LastToFire(ctx, in, t.T, t.function); err != nil {
		return err
	}
	var edges []dependents.Edge
	for _, c := range t.Columns {
		found, err := dependents.Edges(ctx, in.DB, 0, t.T.OID, c.Name)
		if err != nil {
			return fmt.Errorf("find what depends on %s.%s: %w", t.T.As, c.Name, err)
		}
		for _, x := range found {
			if x.Relkind != "S" && !slices.Contains(edges, x) { // a sequence continues for the new column
				edges = append(edges, x)
			}
		}
		var number int
		if err := in.DB.QueryRow(ctx, catalog.SQL("column_number"), t.T.OID, c.Name).Scan(&number); err != nil {
			return err
		}
		if c.dress, err = in.DB.Strings(ctx, catalog.SQL("settings"), t.T.OID, number, c.fresh()); err != nil {
			return fmt.Errorf("look at %s.%s: %w", t.T.As, c.Name, err)
		}
		if err := c.sequences(ctx, in.DB, number); err != nil {
			return err
		}
	}
	if err := t.refuse(edges); err != nil {
		return err
	}
	h, err := dependents.HangingOf(edges)
	if err != nil {
		return err
	}
	return t.snapshot(ctx, in, h)
}

// ordinary refuses a table or a column that takes no other one beside it.
func ordinary(ctx context.Context, in *task.Input, t *bigTable) error {
	names := sqltext.JoinBy(t.Columns, "\x00", func(c *bigColumn) string { return c.Name })
	found, err := in.DB.Strings(ctx, catalog.SQL("int_unusual"), t.T.OID, pq.Array(strings.Split(names, "\x00")))
	if err != nil || len(found) == 0 {
		return err
	}
	return mistake.Refusef("%s %s", t.T.As, found[0])
}

// refuse names what depends on the columns and cannot be made again in a moment.
func (t *bigTable) refuse(edges []dependents.Edge) error {
	var cannot []string
	for _, x := range edges {
		switch {
		case x.Generated, x.From.Class == "pg_class" && x.Relkind == "m", x.Extension, !dependents.Rebuilt(x),
			x.From.Class == "pg_class" && strings.Contains("rp", x.Relkind) && x.From.Sub == 0:
			cannot = append(cannot, x.What)
		}
	}
	if len(cannot) == 0 {
		return nil
	}
	return mistake.New(
		fmt.Sprintf("bigint-key cannot carry along what depends on %s: %s", t.T.As, strings.Join(sqltext.Unique(cannot), ", ")),
		"drop these in a migration before, and make them again in one after",
	)
}

// snapshot reads the definitions of what goes and comes, while the columns still have
// their names: so that they mean the new columns once those have them.
func (t *bigTable) snapshot(ctx context.Context, in *task.Input, h *dependents.Hanging) error {
	e := &catalog.Enum{As: t.T.As, Full: t.T.Full()}
	var err error
	t.k, err = dependents.Read(ctx, in.DB, e, h, func(r *dependents.Reader) []func() error {
		return []func() error{
			r.Grants, r.Statistics, r.Views, r.Rules, r.Triggers, r.Policies, r.Publications,
			func() error { return t.readIndexes(r.Ctx, in) }, func() error { return t.readChecks(r.Ctx, in) },
		}
	})
	if err != nil {
		return err
	}
	return t.k.MustKeepTexts()
}

// freeNames refuses names that are taken, or that two things would have.
func (t *bigTable) freeNames(ctx context.Context, in *task.Input) error {
	names, constraints := []string{t.function}, []string{}
	for _, side := range []string{bigSide, intSide} {
		constraints = append(constraints, t.equal(side))
		for _, c := range t.Columns {
			constraints = append(constraints, c.filled(side))
			for _, s := range c.owned {
				if c.identity == s {
					names = append(names, sqltext.Name(s.name, side))
				}
			}
		}
		for _, x := range t.Indexes {
			for _, one := range x.all() {
				if one.schema == t.T.Schema {
					names = append(names, one.at(side))
				} else if err := ensure.Free(ctx, in, &catalog.Table{Schema: one.schema, As: one.table, Elsewhere: true}, one.at(side)); err != nil {
					return err
				}
			}
		}
		for _, k := range t.Checks {
			constraints = append(constraints, k.at(side))
		}
	}
	if err := mistake.FirstOf(ensure.Free(ctx, in, t.T, names...), ensure.FreeTrigger(ctx, in, t.T, t.trigger)); err != nil {
		return err
	}
	for _, name := range constraints {
		if err := ensure.FreeConstraint(ctx, in, t.T, name); err != nil {
			return err
		}
	}
	if len(sqltext.Unique(names)) < len(names) || len(sqltext.Unique(constraints)) < len(constraints) {
		return mistake.New(fmt.Sprintf("names on %s are too long to be told apart with _big and _int behind them", t.T.As), "shorten them first")
	}
	return nil
}
