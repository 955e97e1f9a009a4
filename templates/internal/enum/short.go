package enum

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"rung/internal/shell"
	"rung/templates/internal/catalog"
	"rung/templates/internal/mistake"
	"rung/templates/internal/sqltext"
	"rung/templates/internal/task"
	"rung/templates/internal/words"
)

// inFull are the parameters with values and map in place of add, after, remove and
// rename, which spare a person to type three hundred values to add one.
func inFull(ctx context.Context, in *task.Input) (map[string]string, error) {
	params := maps.Clone(in.Params)
	short := false
	for _, name := range []string{"add", "after", "remove", "rename"} {
		if _, given := in.Params[name]; given {
			short = true
		}
	}
	e, err := in.DB.Enum(ctx, in.Params["type"])
	if err != nil {
		return nil, err
	}
	if !short {
		return params, mayBeARename(in, e, params)
	}
	if in.Params["values"] != "" {
		return nil, mistake.New("values lists all values, and add, after, remove and rename say what changes", "give either")
	}
	add, err := words.SplitList(in.Params["add"])
	if err != nil {
		return nil, err
	}
	remove, err := words.SplitList(in.Params["remove"])
	if err != nil {
		return nil, err
	}
	rename, err := words.SplitMap(in.Params["rename"])
	if err != nil {
		return nil, err
	}
	pairs, err := words.SplitMap(in.Params["map"])
	if err != nil {
		return nil, err
	}
	values, err := changedValues(e, add, remove, rename, pairs, in.Params["after"])
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"add", "after", "remove", "rename"} {
		delete(params, name)
	}
	params["values"] = sqltext.JoinBy(values, ",", words.ListItem)
	if all := slices.Concat(rename, pairs); len(all) > 0 {
		params["map"] = words.MapText(all)
	}
	return params, nil
}

// changedValues are an enum's values once some have gone, others have other names and
// new ones have come. Those that the map gives to another value go too.
func changedValues(e *catalog.Enum, add, remove []string, rename, pairs []words.Pair, after string) ([]string, error) {
	var values []string
	for _, l := range e.Values {
		to := l
		for _, s := range slices.Concat(rename, pairs) {
			if s.From == l {
				to = s.To
			}
		}
		if !sqltext.Has(remove, l) && !sqltext.Has(values, to) {
			values = append(values, to)
		}
	}
	for _, s := range rename {
		if !sqltext.Has(e.Values, s.From) {
			return nil, mistake.Unknown("value of "+e.As, s.From, e.Values)
		}
	}
	for _, l := range remove {
		if !sqltext.Has(e.Values, l) {
			return nil, mistake.Unknown("value of "+e.As, l, e.Values)
		}
	}
	at := len(values)
	if after != "" {
		names, err := words.SplitList(after)
		if err != nil {
			return nil, err
		}
		if at = 1 + slices.Index(values, names[0]); at == 0 || len(names) != 1 {
			return nil, mistake.Unknown("value of "+e.As, after, values)
		}
	}
	for _, l := range add {
		if sqltext.Has(e.Values, l) {
			return nil, mistake.Refusef("%s is a value of %s already", sqltext.EnumValue(l), e.As)
		}
	}
	return slices.Insert(values, at, add...), nil
}

// mapsWithin reports whether the pairs lead from values that there are to wanted ones,
// and the wanted ones can be values of one type.
func mapsWithin(values, wanted []string, pairs []words.Pair) bool {
	for _, p := range pairs {
		if !sqltext.Has(values, p.From) || !sqltext.Has(wanted, p.To) {
			return false
		}
	}
	once := slices.Compact(slices.Sorted(slices.Values(wanted)))
	return len(once) == len(wanted) && !slices.ContainsFunc(wanted, func(l string) bool { return len(l) > 63 })
}

// mayBeARename asks about values of which some go and others come, and nobody has said
// what becomes of which: a removal and an addition, or a new name? Where nobody can be
// asked, both commands are shown. A yes goes into the parameters.
func mayBeARename(in *task.Input, e *catalog.Enum, params map[string]string) error {
	wanted, err := words.SplitList(in.Params["values"])
	if err != nil || len(wanted) == 0 || in.Params["strategy"] != "" { // who names the strategy knows
		return err
	}
	pairs, err := words.SplitMap(in.Params["map"])
	if err != nil {
		return err
	}
	if !mapsWithin(e.Values, wanted, pairs) {
		return nil // what is wrong is said by who reads them next
	}
	gone := slices.DeleteFunc(slices.Clone(e.Values), func(l string) bool { return sqltext.Has(wanted, l) || sqltext.Has(words.Froms(pairs), l) })
	come := slices.DeleteFunc(slices.Clone(wanted), func(l string) bool { return sqltext.Has(e.Values, l) || sqltext.Has(words.Tos(pairs), l) })
	if len(gone) == 0 || len(come) == 0 {
		return nil
	}
	if in.Ask == nil || len(gone) > 1 || len(come) > 1 {
		var renames []words.Pair
		for i := range min(len(gone), len(come)) {
			renames = append(renames, words.Pair{From: gone[i], To: come[i]})
		}
		typ := "--set " + shell.Quote("type="+in.Params["type"])
		return mistake.New(
			fmt.Sprintf("%s of %s would go and %s come: is that a new name?", sqltext.Join(gone, sqltext.EnumValue), e.As, sqltext.Join(come, sqltext.EnumValue)),
			fmt.Sprintf("for a new name: %s --set %s; for values that go and others that come: %s --set %s --set %s", typ, shell.Quote("rename="+words.MapText(renames)),
				typ, shell.Quote("remove="+sqltext.JoinBy(gone, ",", words.ListItem)), shell.Quote("add="+sqltext.JoinBy(come, ",", words.ListItem))),
		)
	}
	yes, err := in.Ask(fmt.Sprintf("was %s renamed to %s?", sqltext.EnumValue(gone[0]), sqltext.EnumValue(come[0])))
	if err != nil || !yes {
		return err
	}
	params["map"] = strings.TrimPrefix(params["map"]+","+words.MapText([]words.Pair{{From: gone[0], To: come[0]}}), ",")
	return nil
}
