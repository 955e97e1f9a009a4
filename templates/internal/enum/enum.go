// Package enum changes the values of enum types: the enum templates, enum-to-text,
// text-to-enum.
package enum

import (
	"context"
	"fmt"
	"math"
	"strings"

	"rung/internal/pgtext"
	"rung/templates/internal/mistake"
	"rung/templates/internal/sqltext"
	"rung/templates/internal/task"
	"rung/templates/internal/way"
)

// twoPrograms is how the strategy of two programs at once is called.
const twoPrograms = "rolling"

// Strategies are what the parameter strategy can be.
var Strategies = []string{"enum-rename", "enum-add", "enum-swap", "enum-retire", "enum-online", twoPrograms}

// Choose names the template that makes a change, and what that works from.
func Choose(ctx context.Context, in *task.Input) (name string, chosen *task.Input, err error) {
	if in.DB == nil {
		return "", nil, mistake.New("enum must see which values the type has", "leave --offline out; enum-rename can do without")
	}
	params, err := inFull(ctx, in)
	if err != nil {
		return "", nil, err
	}
	chosen = in.With(params)
	c, err := readChange(ctx, chosen)
	if err != nil {
		return "", nil, err
	}
	strategy, why, err := strategyFor(ctx, chosen, c)
	if err != nil {
		return "", nil, err
	}
	chosen.Sayf("%s: values %s become %s", c.Enum.As, sqltext.Join(c.Old, sqltext.EnumValue), sqltext.Join(c.New, sqltext.EnumValue))
	chosen.Sayf("strategy %s: %s", strategy, why)
	if strategy != twoPrograms && (params["back"] != "" || params["schema"] != "") {
		return "", nil, mistake.New("back and schema are for two programs at once", "add --set strategy=rolling")
	}
	if strategy == "enum-rename" {
		chosen.Sayf("a running program that writes or compares with a value that is renamed fails from that instant on (22P02), and one that knows only the new one does before: where both must run, add --set strategy=rolling")
	}
	delete(params, "strategy")
	delete(params, "way")
	if strategy == twoPrograms {
		strategy = "enum-rolling"
	}
	return strategy, chosen, nil
}

// strategyFor is the strategy that was asked for, or the one that fits.
func strategyFor(ctx context.Context, in *task.Input, c *Change) (name, why string, err error) {
	name, why, err = fitting(in, c)
	if err != nil {
		return "", "", err
	}
	if name == "enum-retire" {
		found, err := compares(ctx, in.DB, c.Enum, c.leaving())
		if err != nil {
			return "", "", err
		}
		if len(found) > 0 { // they would find nothing, and nobody would hear of it
			name, why = c.online()
			why += "; not enum-retire, which would leave these asking for " + sqltext.Join(c.leaving(), sqltext.EnumValue) + ": " + strings.Join(found, ", ")
		}
	}
	if name == "enum-retire" && in.Params["background"] == "true" {
		name, why = c.online()
		why += "; not enum-retire, whose batches and last step are one file"
	}
	switch own := in.Params["strategy"]; {
	case own != "" && !sqltext.Has(Strategies, own):
		return "", "", mistake.Unknown("strategy", own, Strategies)
	case own != "":
		return own, "it was asked for", nil
	case c.Same():
		return "", "", mistake.Refusef("nothing to do: the values of %s are already %s", c.Enum.As, sqltext.Join(c.New, sqltext.EnumValue))
	}
	return name, why, nil
}

// fitting is the strategy by the parameter way, where there are two, or by how long
// a rewrite would hold its locks on the tables in use. A throwaway server has none of
// their rows.
func fitting(in *task.Input, c *Change) (name, why string, err error) {
	given, err := in.OneOf("way", "", "direct", "online")
	if err != nil {
		return "", "", err
	}
	most := int64(way.Big)
	if !in.DB.Throwaway {
		most = way.Rewrites.Bytes
	}
	switch given {
	case "direct":
		most = math.MaxInt64
	case "online":
		most = -1
	}
	name, why = c.Strategy(most)
	return name, why, nil
}

// Strategy is the way that locks least, and why it is the one. From so many bytes on a
// rewrite would hold its locks for too long.
func (c *Change) Strategy(most int64) (name, why string) {
	bytes, _ := c.Enum.Bytes()
	switch {
	case !c.Merged && !c.Moved && len(c.Gone) == 0 && len(c.Added) == 0:
		return "enum-rename", "every value is only renamed"
	case !c.Merged && !c.Moved && len(c.Gone) == 0:
		return "enum-add", "values are only added"
	case bytes > most && c.retirable() == nil:
		return "enum-retire", fmt.Sprintf("the tables have %s, too much to rewrite under a lock: rows leave the removed values in batches, and the values stay in the type, unused", sqltext.Size(bytes))
	case bytes > most && len(c.Enum.Columns) > 0:
		return c.online()
	}
	return "enum-swap", fmt.Sprintf("%s; the tables here have %s, and are rewritten once", c.whySwap(), sqltext.Size(bytes))
}

func (c *Change) online() (name, why string) {
	bytes, _ := c.Enum.Bytes()
	return "enum-online", fmt.Sprintf("%s; the tables have %s, too much to rewrite under a lock; second columns are filled in batches, and take the place of the first ones", c.whySwap(), sqltext.Size(bytes))
}

func (c *Change) whySwap() string {
	switch {
	case c.Merged:
		return "values become one"
	case len(c.Gone) > 0:
		return "PostgreSQL cannot remove an enum value"
	}
	return "PostgreSQL cannot reorder enum values"
}

// retirable is nil when every value that goes can leave its rows to one that
// is there already and stays.
func (c *Change) retirable() error {
	for _, s := range c.renames() {
		if !sqltext.Has(c.Old, s.To) || c.To[s.To] != s.To {
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
