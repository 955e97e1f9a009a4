package enum

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
	"rung/templates/internal/notice"
	"rung/templates/internal/sqltext"
	"rung/templates/internal/task"
)

// online is a change of type by second columns, which take the place of the
// first ones in one short transaction.
type online struct {
	swap
	forthWay, backWay course
	// fresh is the name of the new type until then, and beside the schema where it is
	// that of a new program, which knows it by its own name; "" for the type's own.
	fresh   string
	beside  string
	Tables  []*onlineTable
	Indexes []*onlineIndex
	Checks  []*dependents.Check
}

// switched is what sql/enum-online.sql sees. Touch are the functions that open sessions
// must plan anew.
type switched struct {
	E     *catalog.Enum
	O     *online
	Touch []string
}

// Online changes a type by second columns, without a long lock.
func Online(ctx context.Context, in *task.Input) (any, error) {
	if err := in.MustLook(); err != nil {
		return nil, err
	}
	c, err := readChange(ctx, in)
	if err != nil {
		return nil, err
	}
	switch {
	case c.Same():
		return nil, mistake.Refusef("nothing to do: the values of %s are already %s", c.Enum.As, sqltext.Join(c.New, sqltext.EnumValue))
	case len(c.Enum.Columns) == 0:
		return nil, notBy("enum-online", "no table has the type, so a swap costs nothing", "enum-swap")
	}
	if err := c.Enum.MustLast(); err != nil { // before anything reads the rows
		return nil, err
	}
	if err := mistake.FirstOf(c.mustFit(ctx, in), seeCasts(ctx, in, c), c.mustHaveRoom(ctx, in)); err != nil {
		return nil, err
	}
	o := &online{swap: swap{Change: c}}
	if o.Doubled, err = c.mustStayUnique(ctx, in.DB); err != nil {
		return nil, err
	}
	if err := o.look(ctx, in, "enum-online", o.read); err != nil {
		return nil, err
	}
	o.forthWay = o.between(o.Old, o.New, o.To, o.after)
	o.backWay = o.between(o.New, o.Old, o.backMap(), o.before)
	if err := o.columns(ctx, in); err != nil {
		return nil, err
	}
	more := o.beforehand()
	if err := mistake.FirstOf(o.mustLetIn(more), o.uses(more...), o.k.MustKeepTexts(more...), o.freeNames(ctx, in)); err != nil {
		return nil, err
	}
	if err := o.mustPass(ctx, in); err != nil {
		return nil, err
	}
	touch, err := o.functions(ctx, in)
	if err != nil {
		return nil, err
	}
	o.say(in, more)
	return switched{c.Enum, o, touch}, mistake.FirstOf(notice.Published(ctx, in, "a value or a column", c.Enum.Tables()...), warnOfBodies(ctx, in, c))
}

// after is the new value of a placeholder.
func (o *online) after(i int) string { return o.To[o.Old[i]] }

// read is what is read here: what goes and comes at the switch, and what
// the second columns need beforehand.
func (o *online) read(r *dependents.Reader) []func() error {
	carried := func() error { return o.mustCarry(r) }
	return []func() error{
		carried, r.Facts, r.Grants, r.ReadDefaults, r.Statistics, r.Views, r.Rules, r.Triggers, r.Policies, r.Publications,
		func() error { return o.readIndexes(r) }, func() error { return o.readChecks(r) },
	}
}

// mustCarry refuses what cannot be made again without a scan or a rewrite
// under the lock.
func (o *online) mustCarry(r *dependents.Reader) error {
	var found []string
	err := r.Rows("uncarried", func(scan func(...any) error) error {
		var one string
		err := scan(&one)
		found = append(found, one)
		return err
	}, pq.Array(r.H.Oids["m"]), pq.Array(r.H.Generated), pq.Array(r.H.Oids["pg_constraint"]), o.Enum.OID, o.Enum.Array)
	if err != nil {
		return err
	}
	if len(found) > 0 {
		return mistake.New(
			"enum-online cannot carry along without a long lock: "+strings.Join(found, ", "),
			"drop these in a migration before and make them again in one after; or use --template enum-swap, which carries them along under a lock",
		)
	}
	// What stands on a column goes to the second one, as if it were rebuilt.
	for _, c := range o.Enum.Columns {
		r.H.Generated = append(r.H.Generated, fmt.Sprintf("%d:%d", c.Table, c.Number))
	}
	return nil
}

// beforehand is what the second columns have beforehand, for the checks that
// other definitions go through.
func (o *online) beforehand() []dependents.Piece {
	var all []dependents.Piece
	for _, x := range o.Indexes {
		all = append(all, dependents.Piece{What: "index " + x.full(x.name), Make: x.definition()})
	}
	for _, k := range o.Checks {
		all = append(all, dependents.Piece{What: "constraint " + pgtext.Ident(k.Constraint) + " of " + k.Table, Make: append([]string{k.Definition}, k.Comment(k.Constraint)...), KeepsOut: k.KeepsOut})
	}
	for _, t := range o.Tables {
		for _, c := range t.Columns {
			all = append(all, dependents.Piece{What: "column " + c.String(), Make: c.DressFresh})
		}
	}
	return all
}

// mustHaveRoom refuses where a second column's name is taken. It comes first,
// since definitions are tried out on columns of that name.
func (c *Change) mustHaveRoom(ctx context.Context, in *task.Input) error {
	for _, col := range c.Enum.Columns {
		t, err := in.DB.Table(ctx, col.TableAs())
		if err != nil {
			return err
		}
		if err := mistake.FirstOf(t.FreeColumn(sqltext.Name(col.Column, "new")), t.FreeColumn(sqltext.Name(col.Column, "old"))); err != nil {
			return err
		}
	}
	return nil
}

// freeNames refuses names that are taken, or that two things would have.
func (o *online) freeNames(ctx context.Context, in *task.Input) error {
	for _, t := range o.Tables {
		var names, constraints []string
		for _, x := range o.Indexes {
			if x.Table == t.T.As {
				names = append(names, x.fresh, x.former)
			}
		}
		for _, k := range o.Checks {
			if k.Table == t.T.As {
				constraints = append(constraints, k.Fresh)
			}
		}
		for _, c := range t.Columns {
			constraints = append(constraints, c.agree, c.filled, c.relaxed())
		}
		if err := ensure.Free(ctx, in, t.T, append(names, t.function)...); err != nil {
			return err
		}
		for _, name := range constraints {
			if err := ensure.FreeConstraint(ctx, in, t.T, name); err != nil {
				return err
			}
		}
		for _, all := range [][]string{names, constraints} {
			if len(sqltext.Unique(all)) < len(all) {
				return mistake.New(fmt.Sprintf("names on %s are too long to be told apart with _new and _old behind them", t.T.As), "shorten them first")
			}
		}
	}
	return nil
}

// say reports what is done, and what SQL cannot see to.
func (o *online) say(in *task.Input, more []dependents.Piece) {
	for _, t := range o.Tables {
		in.Sayf("%s: %s; in batches over %s, while a trigger keeps both columns right", t.T.As, in.About(t.T.Rows), t.Key)
	}
	at := strings.Join(o.k.Tables, ", ")
	if len(o.k.Tables) > 1 {
		at += " together"
	}
	in.Sayf("locks: ACCESS EXCLUSIVE on each table for a moment, several times; twice, at the switch and the contract, on %s", at)
	what := func(all []dependents.Piece) string {
		var names []string
		for _, p := range all {
			if !strings.HasPrefix(p.What, "column ") {
				names = append(names, p.What)
			}
		}
		return strings.Join(names, ", ")
	}
	if names := what(more); names != "" {
		in.Sayf("built beside reads and writes for the second columns: %s", names)
	}
	if names := what(o.k.Pieces); names != "" {
		in.Sayf("dropped and made again at the switch: %s", names)
	}
	dependents.SayRemade(in, o.k.Pieces)
	for _, k := range o.Checks {
		if !k.Valid {
			in.Sayf("constraint %s of %s is NOT VALID: a batch fails at a row that it refuses", pgtext.Ident(k.Constraint), k.Table)
		}
	}
	in.Sayf("a column comes to stand last in its table, and until the contract there are two: INSERTs must name their columns, and SELECT * sees both")
	in.Sayf("deploy code that accepts the values of before and after the switch, which happens at once")
	notice.Prepared(in, "a column of the type")
	notice.Twice(in, slices.ContainsFunc(o.Indexes, func(x *onlineIndex) bool { return x.unique }), "_index", "_switch")
	if len(o.Added) > 0 {
		in.Sayf("rows with %s have no old value: while there are any, the switch cannot be reverted", sqltext.Join(o.Added, sqltext.EnumValue))
	}
	if o.Merged {
		in.Sayf("until the contract the old column keeps which row had which value; after it there is no down migration")
	}
	o.warnOfTexts(in, more...)
	o.warnOfMerges(in, more...)
}

// onTable are the checks of a table.
func (o *online) onTable(table string) []*dependents.Check {
	return slices.DeleteFunc(slices.Clone(o.Checks), func(k *dependents.Check) bool { return k.Table != table })
}
