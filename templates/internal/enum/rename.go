package enum

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"rung/internal/pgtext"
	"rung/templates/internal/catalog"
	"rung/templates/internal/mistake"
	"rung/templates/internal/notice"
	"rung/templates/internal/sqltext"
	"rung/templates/internal/task"
	"rung/templates/internal/words"
)

// renamed is what sql/enum-rename.sql sees.
type renamed struct {
	E           *catalog.Enum
	Steps, Back []words.Pair
	// Cycle is true where values change places, by a temporary one.
	Cycle bool
}

// Rename renames values.
func Rename(ctx context.Context, in *task.Input) (any, error) {
	c, err := readChange(ctx, in)
	if err != nil {
		return nil, err
	}
	switch {
	case c.Same():
		return nil, mistake.Refusef("nothing to do: the values of %s are already %s", c.Enum.As, sqltext.Join(c.New, sqltext.EnumValue))
	case c.Merged:
		return nil, notBy("enum-rename", "two values would become one", "enum-swap or enum-retire")
	case len(c.Gone) > 0:
		return nil, notBy("enum-rename", "it cannot take away "+sqltext.Join(c.Gone, sqltext.EnumValue), "enum-swap")
	case len(c.Added) > 0:
		return nil, notBy("enum-rename", "it cannot add "+sqltext.Join(c.Added, sqltext.EnumValue), "enum-add")
	case c.Moved:
		return nil, notBy("enum-rename", "it cannot change the order of the values", "enum-swap")
	}
	steps := InOrder(c.renames(), append(c.Old, c.New...))
	in.Sayf("%s: %d renamed; no row is touched, and no table is locked", c.Enum.As, len(c.renames()))
	return renamed{c.Enum, steps, words.Turned(steps), len(steps) > len(c.renames())}, mistake.FirstOf(seeTexts(ctx, in, c), seeCasts(ctx, in, c), notice.Published(ctx, in, "a value", c.Enum.Tables()...), warnOfBodies(ctx, in, c))
}

// notBy is the Mistake of a change that a template cannot make.
func notBy(name, why, instead string) error {
	return mistake.New(name+" does not do it: "+why, "use --template "+instead+", or enum, which chooses")
}

// warnOfBodies says which functions, and arguments of triggers, name a value that changes.
func warnOfBodies(ctx context.Context, in *task.Input, c *Change) error {
	if in.DB == nil {
		return nil
	}
	values := append([]string{}, c.Gone...)
	for _, s := range c.renames() {
		values = append(values, s.From)
	}
	found, err := catalog.List(ctx, in.DB, func(rows *sql.Rows) (string, error) {
		var function, value string
		err := rows.Scan(&function, &value)
		return function + " names " + pgtext.Literal(value), err
	}, catalog.SQL("bodies"), "{"+strings.Join(sqltext.QuoteElements(values), ",")+"}")
	if len(found) > 0 {
		in.Sayf("texts of functions, and arguments of triggers, that this does not change, see to them: %s", strings.Join(found, "; "))
	}
	return err
}

// addition is one ADD VALUE with its place.
type addition struct{ Value, Place string }

// extended is what sql/enum-add.sql sees.
type extended struct {
	E         *catalog.Enum
	Steps     []words.Pair
	Additions []addition
	Added     []string
}

// Add adds values, beside renamed ones.
func Add(ctx context.Context, in *task.Input) (any, error) {
	if in.DB == nil && in.Params["new"] == "" {
		return nil, mistake.New("enum-add must see which values the type has", "leave --offline out, or say by --set new=… which are new")
	}
	c, err := readChange(ctx, in)
	if err != nil {
		return nil, err
	}
	if in.DB != nil && c.Same() {
		return nil, mistake.Refusef("nothing to do: the values of %s are already %s", c.Enum.As, sqltext.Join(c.New, sqltext.EnumValue))
	}
	given, err := words.SplitList(in.Params["new"])
	if err != nil {
		return nil, err
	}
	if len(given) > 0 && !slices.Equal(slices.Sorted(slices.Values(given)), slices.Sorted(slices.Values(c.Added))) {
		return nil, mistake.New(fmt.Sprintf("new=%s, but the new values are %s", in.Params["new"], sqltext.Join(c.Added, sqltext.EnumValue)), "leave new out: it is for --offline")
	}
	in.NotLookedAt("whether the values of %s are %s now, in this order", c.Enum.As, sqltext.Join(c.Old, sqltext.EnumValue))
	switch {
	case c.Merged:
		return nil, notBy("enum-add", "two values would become one", "enum-swap or enum-retire")
	case len(c.Gone) > 0:
		return nil, notBy("enum-add", "it cannot take away "+sqltext.Join(c.Gone, sqltext.EnumValue), "enum-swap")
	case c.Moved:
		return nil, notBy("enum-add", "it cannot change the order of the values", "enum-swap")
	case len(c.Added) == 0:
		return nil, notBy("enum-add", "there is nothing to add", "enum-rename")
	}
	in.Sayf("%s: %s added; no row is touched, and no table is locked", c.Enum.As, sqltext.Join(c.Added, sqltext.EnumValue))
	in.Sayf("a new value can be used only after this file has committed, so put what uses it into a later one")
	return extended{c.Enum, InOrder(c.renames(), append(c.Old, c.New...)), c.additions(), c.Added}, mistake.FirstOf(seeTexts(ctx, in, c), seeCasts(ctx, in, c), notice.Published(ctx, in, "a value", c.Enum.Tables()...), warnOfBodies(ctx, in, c))
}

// additions are the new values in the order of the wanted list, each with a
// place beside one that is there by then.
func (c *Change) additions() []addition {
	var all []addition
	there := map[string]bool{}
	end := "" // the last value so far
	for _, l := range c.New {
		if !sqltext.Has(c.Added, l) {
			there[l], end = true, l
		}
	}
	for i, l := range c.New {
		if there[l] {
			continue
		}
		place := ""
		switch {
		case i > 0 && c.New[i-1] != end:
			place = "AFTER " + sqltext.EnumValue(c.New[i-1])
		case i == 0 && end != "":
			place = "BEFORE " + sqltext.EnumValue(c.firstThere(there))
		}
		if i > 0 && c.New[i-1] == end {
			end = l
		}
		there[l] = true
		all = append(all, addition{l, place})
	}
	return all
}

func (c *Change) firstThere(there map[string]bool) string {
	for _, l := range c.New {
		if there[l] {
			return l
		}
	}
	return ""
}
