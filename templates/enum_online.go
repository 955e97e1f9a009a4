package templates

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/lib/pq"

	"rung/internal/pgtext"
)

func init() { looks["enum-online"] = lookEnumOnline }

// online is a change of type by second columns, which take the place of the
// first ones in one short transaction.
type online struct {
	swap
	forthWay, backWay way
	// fresh is the name of the new type until then, and beside the schema where it is
	// that of a new program, which knows it by its own name; "" for the type's own.
	fresh   string
	beside  string
	Tables  []*onlineTable
	Indexes []*onlineIndex
	Checks  []*onlineCheck
}

func lookEnumOnline(ctx context.Context, in *Input) (map[string]any, error) {
	if err := in.mustLook(); err != nil {
		return nil, err
	}
	c, err := in.change(ctx)
	if err != nil {
		return nil, err
	}
	switch {
	case c.Same():
		return nil, refusef("nothing to do: the values of %s are already %s", c.Enum.As, join(c.New, labelSQL))
	case len(c.Enum.Columns) == 0:
		return nil, notBy("enum-online", "no table has the type, so a swap costs nothing", "enum-swap")
	}
	if err := c.Enum.mustLast(); err != nil { // before anything reads the rows
		return nil, err
	}
	if err := firstOf(c.mustFit(ctx, in), in.seeCasts(ctx, c), c.mustHaveRoom(ctx, in)); err != nil {
		return nil, err
	}
	o := &online{swap: swap{change: c}}
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
	more := o.shadows()
	if err := firstOf(o.mustLetIn(more), o.uses(more...), o.k.mustKeepTexts(more...), o.freeNames(ctx, in)); err != nil {
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
	return map[string]any{"e": c.Enum, "o": o, "touch": touch}, firstOf(in.sayPublished(ctx, "a value or a column", c.Enum.tables()...), in.warnOfBodies(ctx, c))
}

// after is the new label of a mark.
func (o *online) after(i int) string { return o.To[o.Old[i]] }

// read is what is captured here: what goes and comes at the switch, and what
// the second columns need beforehand.
func (o *online) read(r *reader) []func() error {
	carried := func() error { return o.mustCarry(r) }
	return []func() error{
		carried, r.facts, r.grants, r.readDefaults, r.statistics, r.views, r.rules, r.triggers, r.policies, r.publications,
		func() error { return o.readTwins(r) }, func() error { return o.readChecks(r) },
	}
}

// mustCarry refuses what cannot be made again without a scan or a rewrite
// under the lock.
func (o *online) mustCarry(r *reader) error {
	var found []string
	err := r.rows("uncarried", func(scan func(...any) error) error {
		var one string
		err := scan(&one)
		found = append(found, one)
		return err
	}, pq.Array(r.h.oids["m"]), pq.Array(r.h.generated), pq.Array(r.h.oids["pg_constraint"]), o.Enum.OID, o.Enum.Array)
	if err != nil {
		return err
	}
	if len(found) > 0 {
		return &Mistake{
			"enum-online cannot carry along without a long lock: " + strings.Join(found, ", "),
			"drop these in a migration before and make them again in one after; or use --template enum-swap, which carries them along under a lock",
		}
	}
	// What stands on a column goes to the second one, as if it were rebuilt.
	for _, c := range o.Enum.Columns {
		r.h.generated = append(r.h.generated, fmt.Sprintf("%d:%d", c.Table, c.Number))
	}
	return nil
}

// shadows are what the second columns have beforehand, for the checks that
// other definitions go through.
func (o *online) shadows() []piece {
	var all []piece
	for _, x := range o.Indexes {
		all = append(all, piece{What: "index " + x.full(x.name), Make: append([]string{x.forth}, x.dress(x.name)...)})
	}
	for _, k := range o.Checks {
		all = append(all, piece{What: "constraint " + pgtext.Ident(k.name) + " of " + k.Table, Make: append([]string{k.def}, k.comment(k.name)...), keepsOut: k.keepsOut})
	}
	for _, t := range o.Tables {
		for _, c := range t.Columns {
			all = append(all, piece{What: "column " + c.String(), Make: c.DressFresh})
		}
	}
	return all
}

// mustHaveRoom refuses where a second column's name is taken. It comes first,
// since definitions are tried out on columns of that name.
func (c *change) mustHaveRoom(ctx context.Context, in *Input) error {
	for _, col := range c.Enum.Columns {
		t, err := in.DB.Table(ctx, col.TableAs())
		if err != nil {
			return err
		}
		if err := firstOf(t.freeColumn(Name(col.Column, "new")), t.freeColumn(Name(col.Column, "old"))); err != nil {
			return err
		}
	}
	return nil
}

// freeNames refuses names that are taken, or that two things would have.
func (o *online) freeNames(ctx context.Context, in *Input) error {
	for _, t := range o.Tables {
		var names, constraints []string
		for _, x := range o.Indexes {
			if x.Table == t.T.As {
				names = append(names, x.fresh, x.former)
			}
		}
		for _, k := range o.Checks {
			if k.Table == t.T.As {
				constraints = append(constraints, k.fresh)
			}
		}
		for _, c := range t.Columns {
			constraints = append(constraints, c.agree, c.filled, c.relaxed())
		}
		if err := in.free(ctx, t.T, append(names, t.function)...); err != nil {
			return err
		}
		for _, name := range constraints {
			if err := in.freeConstraint(ctx, t.T, name); err != nil {
				return err
			}
		}
		for _, all := range [][]string{names, constraints} {
			if len(unique(all)) < len(all) {
				return &Mistake{fmt.Sprintf("names on %s are too long to be told apart with _new and _old behind them", t.T.As), "shorten them first"}
			}
		}
	}
	return nil
}

// say reports what is done, and what SQL cannot see to.
func (o *online) say(in *Input, more []piece) {
	for _, t := range o.Tables {
		in.Sayf("%s: %s; in batches over %s, while a trigger keeps both columns right", t.T.As, in.about(t.T.Rows), t.Key)
	}
	at := strings.Join(o.k.tables, ", ")
	if len(o.k.tables) > 1 {
		at += " together"
	}
	in.Sayf("locks: ACCESS EXCLUSIVE on each table for a moment, several times; twice, at the switch and the contract, on %s", at)
	what := func(all []piece) string {
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
	if names := what(o.k.pieces); names != "" {
		in.Sayf("dropped and made again at the switch: %s", names)
	}
	in.sayRemade(o.k.pieces)
	for _, k := range o.Checks {
		if !k.valid {
			in.Sayf("constraint %s of %s is NOT VALID: a batch fails at a row that it refuses", pgtext.Ident(k.name), k.Table)
		}
	}
	in.Sayf("a column comes to stand last in its table, and until the contract there are two: INSERTs must name their columns, and SELECT * sees both")
	in.Sayf("deploy code that accepts the values of before and after the switch, which happens at once")
	in.preparedFail("a column of the type")
	in.sayTwice(slices.ContainsFunc(o.Indexes, func(x *onlineIndex) bool { return x.unique }), "_index", "_switch")
	if len(o.Added) > 0 {
		in.Sayf("rows with %s have no old value: while there are any, the switch cannot be reverted", join(o.Added, labelSQL))
	}
	if o.Merged {
		in.Sayf("until the contract the old column keeps which row had which value; after it there is no down migration")
	}
	o.warnOfTexts(in, more...)
	o.warnOfMerges(in, more...)
}

// onTable are the checks of a table.
func (o *online) onTable(table string) []*onlineCheck {
	return slices.DeleteFunc(slices.Clone(o.Checks), func(k *onlineCheck) bool { return k.Table != table })
}
