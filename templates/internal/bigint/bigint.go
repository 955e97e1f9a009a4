// Package bigint widens an integer key and all that refers to it: bigint-key.
package bigint

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"rung/internal/pgtext"
	"rung/templates/internal/catalog"
	"rung/templates/internal/dependents"
	"rung/templates/internal/ensure"
	"rung/templates/internal/mistake"
	"rung/templates/internal/notice"
	"rung/templates/internal/sqltext"
	"rung/templates/internal/task"
)

// bigKey is a key that becomes bigint, with every column that refers to it.
type bigKey struct {
	table  uint32      // that was asked for
	Tables []*bigTable // one that refers before the one that it refers to
	Keys   []*bigReference
}

// turn is one way of the switch, by what stands behind the names of columns,
// indexes and constraints while they have another one: those that come take their
// own name, and those that had it leave under the other.
type turn struct{ come, leave string }

const bigSide, intSide = "big", "int"

var turnForth, turnBack = turn{bigSide, intSide}, turn{intSide, bigSide}

// widened is what sql/bigint-key.sql sees. The section switch is written for each of
// its parts.
type widened struct {
	B    *bigKey
	Each map[string][]task.Part
}

// Widen makes an integer key, and all that refers to it, bigint.
func Widen(ctx context.Context, in *task.Input) (any, error) {
	if err := in.MustLook(); err != nil {
		return nil, err
	}
	if in.Params["table"] == "" {
		return widened{&bigKey{}, map[string][]task.Part{"switch": nil}}, sayIntKeys(ctx, in)
	}
	t, err := in.Table(ctx)
	if err != nil {
		return nil, err
	}
	column, err := intKey(ctx, in, t)
	if err != nil {
		return nil, err
	}
	b := &bigKey{table: t.OID}
	if err := b.find(ctx, in, t, column); err != nil {
		return nil, err
	}
	for _, t := range b.Tables {
		if err := b.look(ctx, in, t); err != nil {
			return nil, err
		}
	}
	if err := b.inOrder(); err != nil {
		return nil, err
	}
	if err := b.mayChange(ctx, in); err != nil {
		return nil, err
	}
	return widened{b, map[string][]task.Part{"switch": b.moves()}}, b.say(ctx, in)
}

// intKey is the column that is asked for: the one integer of the primary key,
// unless a person says which.
func intKey(ctx context.Context, in *task.Input, t *catalog.Table) (string, error) {
	name := in.Params["column"]
	if name == "" {
		var ints []string
		for _, k := range ensure.PrimaryKey(ctx, t, in) {
			if c, err := t.Column(k); err == nil && isInt(c.Type) {
				ints = append(ints, k)
			}
		}
		if len(ints) != 1 {
			return "", mistake.New(fmt.Sprintf("the primary key of %s has %d columns that are integer or smallint", t.As, len(ints)), "name one by --set column=…")
		}
		name = ints[0]
	}
	c, err := t.Column(name)
	if err != nil {
		return "", err
	}
	if !isInt(c.Type) {
		return "", mistake.Refusef("%s.%s is %s, not integer or smallint", t.As, pgtext.Ident(name), c.Type)
	}
	return name, nil
}

func isInt(typ string) bool { return typ == "integer" || typ == "smallint" }

// inOrder sorts the tables so that one that refers comes before the one that it
// refers to: then the foreign key to a table can go before that one changes. Where tables
// refer to each other in a circle, one foreign key goes earlier, whose actions do not write
// what refers; without one such there is no order.
func (b *bigKey) inOrder() error {
	var sorted []*bigTable
	rest := slices.Clone(b.Tables)
	for len(rest) > 0 {
		n := b.free(rest, func(*bigReference) bool { return true })
		if n < 0 {
			n = b.free(rest, (*bigReference).along)
		}
		if n < 0 {
			return mistake.New(
				"tables refer to each other in a circle: "+sqltext.JoinBy(rest, ", ", func(t *bigTable) string { return t.T.As })+
					", and each of the foreign keys has SET NULL, SET DEFAULT or ON UPDATE CASCADE, so that none can be replaced before its table is switched",
				"drop one of the foreign keys in a migration before, and add it again in one after",
			)
		}
		sorted, rest = append(sorted, rest[n]), slices.Delete(rest, n, n+1)
	}
	b.Tables = sorted
	for _, f := range b.Keys {
		f.early = b.place(f.From.Table) > b.place(f.Into.Table) && b.place(f.Into.Table) >= 0
	}
	return nil
}

// free is the first of the tables that none of the others refers to by a foreign key that
// counts; -1 for none.
func (b *bigKey) free(rest []*bigTable, counts func(*bigReference) bool) int {
	return slices.IndexFunc(rest, func(t *bigTable) bool {
		return !slices.ContainsFunc(b.Keys, func(f *bigReference) bool {
			return f.Into.Table == t.T.OID && f.From.Table != t.T.OID && counts(f) &&
				slices.ContainsFunc(rest, func(r *bigTable) bool { return r.T.OID == f.From.Table })
		})
	})
}

// place is where a table stands in the order of the switches; -1 for one that keeps its
// columns.
func (b *bigKey) place(table uint32) int {
	return slices.IndexFunc(b.Tables, func(t *bigTable) bool { return t.T.OID == table })
}

// move is one pair of the switch: the old foreign keys to a table go, or the
// columns of a table change names.
type move struct {
	Up, Down string
}

// moves are the pairs of the switch, in order, each with its name.
func (b *bigKey) moves() []task.Part {
	var all []task.Part
	add := func(word, table string, m move) {
		all = append(all, task.Part{Suffix: suffixOf(word, table, len(all)), Data: m})
	}
	var done []uint32
	for _, t := range b.Tables {
		if keys := b.apart(t.T.OID); len(keys) > 0 {
			add("release", t.T.Name, move{b.release(keys), b.unrelease(keys)})
		}
		add("switch", t.T.Name, move{b.switchUp(t), b.switchDown(t)})
		done = append(done, t.T.OID)
	}
	for _, f := range b.Keys {
		if slices.Contains(done, f.Into.Table) || f.along() {
			continue
		}
		done = append(done, f.Into.Table)
		keys := b.apart(f.Into.Table)
		add("release", f.Into.name, move{b.release(keys), b.unrelease(keys)})
	}
	return all
}

// into are the foreign keys that other tables have to one.
func (b *bigKey) into(table uint32) []*bigReference {
	return slices.DeleteFunc(slices.Clone(b.Keys), func(f *bigReference) bool { return f.Into.Table != table || f.self() })
}

// along are the foreign keys of a table that are switched with it.
func (b *bigKey) along(table uint32) []*bigReference {
	return slices.DeleteFunc(slices.Clone(b.Keys), func(f *bigReference) bool { return f.From.Table != table || !f.along() })
}

// apart are those to a table that are released before it is switched.
func (b *bigKey) apart(table uint32) []*bigReference {
	return slices.DeleteFunc(slices.Clone(b.Keys), func(f *bigReference) bool { return f.Into.Table != table || f.along() })
}

// mayChange refuses names that are taken and tables that the role may not alter.
func (b *bigKey) mayChange(ctx context.Context, in *task.Input) error {
	var tables []string
	for _, t := range b.Tables {
		if err := t.freeNames(ctx, in); err != nil {
			return err
		}
		tables = append(tables, t.T.Full())
		if err := ensure.MustOwn(ctx, in, nil, t.k.Of.Views); err != nil {
			return err
		}
	}
	for _, f := range b.Keys {
		tables = append(tables, f.From.full, f.Into.full)
		for _, side := range []string{bigSide, intSide} {
			if err := ensure.FreeConstraint(ctx, in, &catalog.Table{OID: f.From.Table, As: f.From.As}, sqltext.Name(f.Name, side)); err != nil {
				return err
			}
		}
	}
	return ensure.MustOwn(ctx, in, sqltext.Unique(tables), nil)
}

// say reports what is done, and what no catalog knows.
func (b *bigKey) say(ctx context.Context, in *task.Input) error {
	uniques := false
	for _, t := range b.Tables {
		in.Sayf("%s: bigint for %s; %s; in batches over %s, while a trigger keeps both columns equal",
			t.T.As, sqltext.JoinBy(t.Columns, ", ", func(c *bigColumn) string { return pgtext.Ident(c.Name) }), in.About(t.T.Rows), t.Key)
		uniques = uniques || slices.ContainsFunc(t.Indexes, func(x *bigIndex) bool { return x.unique })
		if pieces := sqltext.JoinBy(t.k.Pieces, ", ", func(p dependents.Piece) string { return p.What }); pieces != "" {
			in.Sayf("dropped and made again when %s is switched: %s", t.T.As, pieces)
			dependents.SayRemade(in, t.k.Pieces)
		}
		if err := mistake.FirstOf(notice.Fired(ctx, in, t.T, t.Columns[0].fresh()), notice.Published(ctx, in, "a column or a key beyond integer", t.T.OID)); err != nil {
			return err
		}
	}
	if len(b.Keys) > 0 {
		in.Sayf("foreign keys that are proved anew beside the old ones, and take their place: %s",
			sqltext.JoinBy(b.Keys, ", ", func(f *bigReference) string { return pgtext.Ident(f.Name) + " of " + f.From.As }))
	}
	in.Sayf("locks: ACCESS EXCLUSIVE for a moment, one table at a time, and two while a foreign key is added or goes; each is retried after 200 ms")
	notice.Prepared(in, "one of these columns")
	notice.Twice(in, uniques, "_index", "_switch")
	in.Sayf("until the contract a table has both columns: an INSERT must name its columns, and SELECT * sees both; after the first key beyond integer the switch cannot be reverted")
	return b.sayUnseen(ctx, in)
}

// suffixOf names a pair by a word and a table, as a file name may be.
func suffixOf(word, table string, n int) string {
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_' {
			return r
		}
		return -1
	}, strings.ToLower(table))
	if name != strings.ToLower(table) || name == "" {
		name = fmt.Sprint(n + 1)
	}
	return word + "_" + name
}
