package templates

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"rung/internal/pgtext"
)

// change is what becomes of an enum's labels.
type change struct {
	Enum     *Enum
	Old, New []string
	// To says for each old label which new one takes its place.
	To map[string]string
	// Gone are old labels without a place, Added new ones that no old one becomes.
	Gone, Added []string
	// Merged is true when two labels become one, Moved when labels that stay
	// change their order.
	Merged, Moved bool
}

// step is one renaming.
type step struct{ From, To string }

// change reads type, values and map, and compares them with what is there.
func (in *Input) change(ctx context.Context) (*change, error) {
	c := &change{Enum: &Enum{As: in.Params["type"], Full: in.Params["type"], Owned: true}}
	pairs, err := splitMap(in.Params["map"])
	if err != nil {
		return nil, err
	}
	if in.DB != nil {
		if c.Enum, err = in.DB.Enum(ctx, in.Params["type"]); err != nil {
			return nil, err
		}
		c.Old = c.Enum.Labels
	}
	if c.New, err = splitList(in.Params["values"]); err != nil {
		return nil, err
	}
	if in.DB == nil {
		fresh, err := splitList(in.Params["new"])
		if err != nil {
			return nil, err
		}
		c.Old = oldLabels(c.New, fresh, pairs)
	}
	if err := c.fill(pairs); err != nil {
		return nil, err
	}
	return c, c.Enum.MayAlter()
}

// oldLabels are the labels that must be there for a change to make sense: those
// that the map names, and those of the wanted ones that are not said to be new.
func oldLabels(wanted, fresh []string, pairs []step) []string {
	var old []string
	for _, l := range wanted {
		at := slices.IndexFunc(pairs, func(p step) bool { return p.To == l })
		switch {
		case len(fresh) == 0 || has(fresh, l):
		case at >= 0:
			old = append(old, pairs[at].From)
		default:
			old = append(old, l)
		}
	}
	for _, p := range pairs {
		if !has(old, p.From) {
			old = append(old, p.From)
		}
	}
	return old
}

// fill works out what becomes of each label.
func (c *change) fill(pairs []step) error {
	c.To = map[string]string{}
	for _, p := range pairs {
		if !has(c.Old, p.From) {
			return unknown("value of "+c.Enum.As, p.From, c.Old)
		}
		if _, twice := c.To[p.From]; twice {
			return refusef("map gives value %q twice", p.From)
		}
		c.To[p.From] = p.To
	}
	if len(c.New) == 0 { // no list: the labels as they are, with the map applied
		for _, l := range c.Old {
			to, ok := c.To[l]
			if !ok {
				to = l
			}
			if !has(c.New, to) {
				c.New = append(c.New, to)
			}
		}
	}
	if err := checkLabels(c.New); err != nil {
		return err
	}
	for _, p := range pairs {
		if !has(c.New, p.To) {
			return unknown("value in values", p.To, c.New)
		}
	}
	c.compare()
	return nil
}

func (c *change) compare() {
	taken := map[string]bool{}
	last := -1
	for _, l := range c.Old {
		to, ok := c.To[l]
		if !ok && has(c.New, l) {
			to, ok = l, true
			c.To[l] = l
		}
		if !ok {
			c.Gone = append(c.Gone, l)
			continue
		}
		at := slices.Index(c.New, to)
		c.Merged = c.Merged || taken[to]
		if !taken[to] && (to == l || !c.stays(to)) { // one that joins another has no place of its own
			c.Moved, last = c.Moved || at < last, max(at, last)
		}
		taken[to] = true
	}
	for _, l := range c.New {
		if !taken[l] {
			c.Added = append(c.Added, l)
		}
	}
}

// stays reports whether an old label keeps its name.
func (c *change) stays(label string) bool {
	to, mapped := c.To[label]
	return has(c.Old, label) && (!mapped || to == label)
}

// checkLabels refuses what PostgreSQL would.
func checkLabels(labels []string) error {
	const most = 63
	seen := map[string]bool{}
	for _, l := range labels {
		switch {
		case seen[l]:
			return refusef("value %q is in the list twice", l)
		case len(l) > most:
			return &Mistake{fmt.Sprintf("value %q has %d bytes, and PostgreSQL allows %d", l, len(l), most), "shorten it"}
		case !utf8.ValidString(l) || strings.ContainsRune(l, 0):
			return refusef("value %q is not text that PostgreSQL can store", l)
		}
		seen[l] = true
	}
	return nil
}

// Same is true when there is nothing to do.
func (c *change) Same() bool {
	return len(c.Gone)+len(c.Added)+len(c.renames()) == 0 && !c.Merged && !c.Moved
}

// renames are the labels that become another one, in the type's order.
func (c *change) renames() []step {
	var all []step
	for _, l := range c.Old {
		if to, ok := c.To[l]; ok && to != l {
			all = append(all, step{l, to})
		}
	}
	return all
}

// inOrder puts renamings into an order in which none of them meets a label
// that is still to be renamed itself. Labels that change places need a
// temporary one.
func inOrder(renames []step, labels []string) []step {
	var done []step
	rest := slices.Clone(renames)
	for len(rest) > 0 {
		free := slices.IndexFunc(rest, func(s step) bool {
			return !slices.ContainsFunc(rest, func(other step) bool { return other.From == s.To })
		})
		if free < 0 {
			at := onCycle(rest)
			temporary := unused(rest[at].From, labels)
			done = append(done, step{rest[at].From, temporary})
			rest[at].From = temporary
			labels = append(slices.Clone(labels), temporary)
			continue
		}
		done = append(done, rest[free])
		rest = slices.Delete(rest, free, free+1)
	}
	return done
}

// onCycle is one of the renamings that wait for each other in a circle. The
// first need not be: it may only lead there, and to park it frees nobody.
func onCycle(steps []step) int {
	at := 0
	for range steps { // as many as there are surely end in the circle
		at = slices.IndexFunc(steps, func(s step) bool { return s.From == steps[at].To })
	}
	return at
}

// unused is a label like another that is not taken.
func unused(like string, taken []string) string {
	for i := 0; ; i++ {
		suffix := "moving"
		if i > 0 {
			suffix = fmt.Sprintf("moving%d", i)
		}
		if l := Name(like, suffix); !has(taken, l) {
			return l
		}
	}
}

func turned(steps []step) []step {
	back := make([]step, len(steps))
	for i, s := range steps {
		back[len(steps)-1-i] = step{s.To, s.From}
	}
	return back
}

// labelsWithRows counts the rows that bear one of the labels, by label and column.
func (e *Enum) labelsWithRows(ctx context.Context, db *Catalog, labels []string) ([]string, error) {
	var found []string
	for _, col := range e.Columns {
		value, from := "t."+pgtext.Ident(col.Column), col.TableAs()+" AS t"
		if col.Array {
			value, from = "l.label", from+" CROSS JOIN unnest(t."+pgtext.Ident(col.Column)+") AS l (label)"
		}
		query := fmt.Sprintf("SELECT %s::text, count(*) FROM %s WHERE %[1]s::text IN (%[3]s) GROUP BY 1 ORDER BY 1", value, from, join(labels, pgtext.Literal))
		counts, err := list(ctx, db, func(rows *sql.Rows) (string, error) {
			var label string
			var n int64
			err := rows.Scan(&label, &n)
			return fmt.Sprintf("%d of %s are %s", n, col, pgtext.Literal(label)), err
		}, query)
		if err != nil {
			return nil, fmt.Errorf("count rows of %s: %w", col, err)
		}
		found = append(found, counts...)
	}
	return found, nil
}

// mustFit refuses a map that leaves rows behind.
func (c *change) mustFit(ctx context.Context, in *Input) error {
	if len(c.Gone) == 0 || in.DB == nil {
		return nil
	}
	found, err := c.Enum.labelsWithRows(ctx, in.DB, c.Gone)
	if err != nil || len(found) == 0 {
		return err
	}
	return &Mistake{
		"the map leaves rows behind: " + strings.Join(found, "; "),
		fmt.Sprintf("say what becomes of %s, like --set %s", join(c.Gone, pgtext.Literal), shellWord("map="+mapLabel(c.Gone[0])+"="+mapLabel(c.New[0]))),
	}
}
