package enum

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"rung/internal/pgtext"
	"rung/internal/shell"
	"rung/templates/internal/catalog"
	"rung/templates/internal/mistake"
	"rung/templates/internal/sqltext"
	"rung/templates/internal/task"
	"rung/templates/internal/words"
)

// Change is what becomes of an enum's values.
type Change struct {
	Enum     *catalog.Enum
	Old, New []string
	// To says for each old value which new one takes its place.
	To map[string]string
	// Gone are old values without a place, Added new ones that no old one becomes.
	Gone, Added []string
	// Merged is true when two values become one, Moved when values that stay
	// change their order.
	Merged, Moved bool
}

// readChange reads type, values and map, and compares them with what is there.
func readChange(ctx context.Context, in *task.Input) (*Change, error) {
	c := &Change{Enum: &catalog.Enum{As: in.Params["type"], Full: in.Params["type"], Owned: true}}
	pairs, err := words.SplitMap(in.Params["map"])
	if err != nil {
		return nil, err
	}
	if in.DB != nil {
		if c.Enum, err = in.DB.Enum(ctx, in.Params["type"]); err != nil {
			return nil, err
		}
		c.Old = c.Enum.Values
	}
	if c.New, err = words.SplitList(in.Params["values"]); err != nil {
		return nil, err
	}
	if in.DB == nil {
		fresh, err := words.SplitList(in.Params["new"])
		if err != nil {
			return nil, err
		}
		c.Old = oldValues(c.New, fresh, pairs)
	}
	if err := c.Fill(pairs); err != nil {
		return nil, err
	}
	return c, c.Enum.MayAlter()
}

// oldValues are the values that must be there for a change to make sense: those
// that the map names, and those of the wanted ones that are not said to be new.
func oldValues(wanted, fresh []string, pairs []words.Pair) []string {
	var old []string
	for _, l := range wanted {
		at := slices.IndexFunc(pairs, func(p words.Pair) bool { return p.To == l })
		switch {
		case len(fresh) == 0 || sqltext.Has(fresh, l):
		case at >= 0:
			old = append(old, pairs[at].From)
		default:
			old = append(old, l)
		}
	}
	for _, p := range pairs {
		if !sqltext.Has(old, p.From) {
			old = append(old, p.From)
		}
	}
	return old
}

// Fill works out what becomes of each value.
func (c *Change) Fill(pairs []words.Pair) error {
	c.To = map[string]string{}
	for _, p := range pairs {
		if !sqltext.Has(c.Old, p.From) {
			return mistake.Unknown("value of "+c.Enum.As, p.From, c.Old)
		}
		if _, twice := c.To[p.From]; twice {
			return mistake.Refusef("map gives value %q twice", p.From)
		}
		c.To[p.From] = p.To
	}
	if len(c.New) == 0 { // no list: the values as they are, with the map applied
		for _, l := range c.Old {
			to, ok := c.To[l]
			if !ok {
				to = l
			}
			if !sqltext.Has(c.New, to) {
				c.New = append(c.New, to)
			}
		}
	}
	if err := checkValues(c.New); err != nil {
		return err
	}
	for _, p := range pairs {
		if !sqltext.Has(c.New, p.To) {
			return mistake.Unknown("value in values", p.To, c.New)
		}
	}
	c.compare()
	return nil
}

func (c *Change) compare() {
	taken := map[string]bool{}
	last := -1
	for _, l := range c.Old {
		to, ok := c.To[l]
		if !ok && sqltext.Has(c.New, l) {
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

// stays reports whether an old value keeps its name.
func (c *Change) stays(value string) bool {
	to, mapped := c.To[value]
	return sqltext.Has(c.Old, value) && (!mapped || to == value)
}

// checkValues refuses what PostgreSQL would.
func checkValues(values []string) error {
	const most = 63
	seen := map[string]bool{}
	for _, l := range values {
		switch {
		case seen[l]:
			return mistake.Refusef("value %q is in the list twice", l)
		case len(l) > most:
			return mistake.New(fmt.Sprintf("value %q has %d bytes, and PostgreSQL allows %d", l, len(l), most), "shorten it")
		case !utf8.ValidString(l) || strings.ContainsRune(l, 0):
			return mistake.Refusef("value %q is not text that PostgreSQL can store", l)
		}
		seen[l] = true
	}
	return nil
}

// Same is true when there is nothing to do.
func (c *Change) Same() bool {
	return len(c.Gone)+len(c.Added)+len(c.renames()) == 0 && !c.Merged && !c.Moved
}

// renames are the values that become another one, in the type's order.
func (c *Change) renames() []words.Pair {
	var all []words.Pair
	for _, l := range c.Old {
		if to, ok := c.To[l]; ok && to != l {
			all = append(all, words.Pair{From: l, To: to})
		}
	}
	return all
}

// InOrder puts renamings into an order in which none of them meets a value
// that is still to be renamed itself. Values that change places need a
// temporary one.
func InOrder(renames []words.Pair, values []string) []words.Pair {
	var done []words.Pair
	rest := slices.Clone(renames)
	for len(rest) > 0 {
		free := slices.IndexFunc(rest, func(s words.Pair) bool {
			return !slices.ContainsFunc(rest, func(other words.Pair) bool { return other.From == s.To })
		})
		if free < 0 {
			at := onCycle(rest)
			temporary := unused(rest[at].From, values)
			done = append(done, words.Pair{From: rest[at].From, To: temporary})
			rest[at].From = temporary
			values = append(slices.Clone(values), temporary)
			continue
		}
		done = append(done, rest[free])
		rest = slices.Delete(rest, free, free+1)
	}
	return done
}

// onCycle is one of the renamings that wait for each other in a circle. The
// first need not be: it may only lead there, and to park it frees nobody.
func onCycle(steps []words.Pair) int {
	at := 0
	for range steps { // as many as there are surely end in the circle
		at = slices.IndexFunc(steps, func(s words.Pair) bool { return s.From == steps[at].To })
	}
	return at
}

// unused is a value like another that is not taken.
func unused(like string, taken []string) string {
	for i := 0; ; i++ {
		suffix := "moving"
		if i > 0 {
			suffix = fmt.Sprintf("moving%d", i)
		}
		if l := sqltext.Name(like, suffix); !sqltext.Has(taken, l) {
			return l
		}
	}
}

// mustFit refuses a map that leaves rows behind.
func (c *Change) mustFit(ctx context.Context, in *task.Input) error {
	if len(c.Gone) == 0 || in.DB == nil {
		return nil
	}
	found, err := c.Enum.ValuesWithRows(ctx, in.DB, c.Gone)
	if err != nil || len(found) == 0 {
		return err
	}
	return mistake.New(
		"the map leaves rows behind: "+strings.Join(found, "; "),
		fmt.Sprintf("say what becomes of %s, like --set %s", sqltext.Join(c.Gone, pgtext.Literal), shell.Quote("map="+words.MapItem(c.Gone[0])+"="+words.MapItem(c.New[0]))),
	)
}
