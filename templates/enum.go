package templates

import (
	"context"
	"fmt"
	"math"
	"strings"

	"rung/internal/pgtext"
)

func init() { looks["enum"] = lookEnum }

// big is from where on a rewrite under ACCESS EXCLUSIVE is no longer a matter
// of a second or two.
const big = 512 << 20

var strategies = []string{"enum-rename", "enum-add", "enum-swap", "enum-retire", "enum-online", "rolling"}

// lookEnum chooses the template that makes a change.
func lookEnum(ctx context.Context, in *Input) (map[string]any, error) {
	if in.DB == nil {
		return nil, &Mistake{"enum must see which values the type has", "leave --offline out; enum-rename can do without"}
	}
	if err := in.inShort(ctx); err != nil {
		return nil, err
	}
	c, err := in.change(ctx)
	if err != nil {
		return nil, err
	}
	strategy, why, err := in.strategyFor(c)
	if err != nil {
		return nil, err
	}
	if strategy == "enum-retire" {
		found, err := in.DB.compares(ctx, c.Enum, c.leaving())
		if err != nil {
			return nil, err
		}
		if len(found) > 0 { // they would find nothing, and nobody would hear of it
			strategy, why = c.online()
			why += "; not enum-retire, which would leave these asking for " + join(c.leaving(), labelSQL) + ": " + strings.Join(found, ", ")
		}
	}
	if own := in.Params["strategy"]; own != "" {
		if !has(strategies, own) {
			return nil, unknown("strategy", own, strategies)
		}
		strategy, why = own, "it was asked for"
	} else if c.Same() {
		return nil, refusef("nothing to do: the values of %s are already %s", c.Enum.As, join(c.New, labelSQL))
	}
	in.Sayf("%s: values %s become %s", c.Enum.As, join(c.Old, labelSQL), join(c.New, labelSQL))
	in.Sayf("strategy %s: %s", strategy, why)
	if in.Instead = strategy; strategy == "rolling" {
		in.Instead = "enum-rolling"
	} else if in.Params["back"] != "" || in.Params["schema"] != "" {
		return nil, &Mistake{"back and schema are for two programs at once", "add --set strategy=rolling"}
	}
	if strategy == "enum-rename" {
		in.Sayf("a running program that writes or compares with a value that is renamed fails from that instant on (22P02), and one that knows only the new one does before: where both must run, add --set strategy=rolling")
	}
	delete(in.Params, "strategy")
	delete(in.Params, "way")
	return nil, nil
}

// strategyFor is the strategy by the parameter way, where there are two, or by how long
// a rewrite would hold its locks on the tables in use. A throwaway server has none of
// their rows.
func (in *Input) strategyFor(c *change) (name, why string, err error) {
	way, err := in.oneOf("way", "", "direct", "online")
	if err != nil {
		return "", "", err
	}
	most := int64(big)
	if !in.DB.Throwaway {
		most = rewrites.bytes
	}
	switch way {
	case "direct":
		most = math.MaxInt64
	case "online":
		most = -1
	}
	name, why = c.strategy(most)
	return name, why, nil
}

// strategy is the way that locks least, and why it is the one. From so many bytes on a
// rewrite would hold its locks for too long.
func (c *change) strategy(most int64) (name, why string) {
	bytes, _ := c.Enum.Bytes()
	switch {
	case !c.Merged && !c.Moved && len(c.Gone) == 0 && len(c.Added) == 0:
		return "enum-rename", "every value is only renamed"
	case !c.Merged && !c.Moved && len(c.Gone) == 0:
		return "enum-add", "values are only added"
	case bytes > most && c.retirable() == nil:
		return "enum-retire", fmt.Sprintf("the tables have %s, too much to rewrite under a lock: rows leave the removed values in batches, and the values stay in the type, unused", size(bytes))
	case bytes > most && len(c.Enum.Columns) > 0:
		return c.online()
	}
	return "enum-swap", fmt.Sprintf("%s; the tables here have %s, and are rewritten once", c.whySwap(), size(bytes))
}

func (c *change) online() (name, why string) {
	bytes, _ := c.Enum.Bytes()
	return "enum-online", fmt.Sprintf("%s; the tables have %s, too much to rewrite under a lock; second columns are filled in batches, and take the place of the first ones", c.whySwap(), size(bytes))
}

func (c *change) whySwap() string {
	switch {
	case c.Merged:
		return "values become one"
	case len(c.Gone) > 0:
		return "PostgreSQL cannot remove an enum value"
	}
	return "PostgreSQL cannot reorder enum values"
}

// retirable is nil when every label that goes can leave its rows to one that
// is there already and stays.
func (c *change) retirable() error {
	for _, s := range c.renames() {
		if !has(c.Old, s.To) || c.To[s.To] != s.To {
			return notBy("enum-retire", fmt.Sprintf("%s is not a value that stays", pgtext.Literal(s.To)), "enum-swap")
		}
	}
	switch {
	case len(c.renames()) == 0 || len(c.Gone) > 0:
		return notBy("enum-retire", "say with map what becomes of the rows of a value that is removed", "enum-swap")
	case len(c.Added) > 0:
		return notBy("enum-retire", "it adds no values", "enum-add first")
	case c.Moved:
		return notBy("enum-retire", "it cannot change the order of the values", "enum-swap")
	}
	return nil
}

// size is a number of bytes for a person.
func size(bytes int64) string {
	unit := []string{"bytes", "kB", "MB", "GB", "TB"}
	n := float64(bytes)
	for len(unit) > 1 && n >= 1024 {
		n, unit = n/1024, unit[1:]
	}
	return fmt.Sprintf("%.0f %s", n, unit[0])
}
