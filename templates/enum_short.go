package templates

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// inShort turns add, after, remove and rename into values and map, so that nobody has to
// type three hundred values to add one.
func (in *Input) inShort(ctx context.Context) error {
	short := false
	for _, name := range []string{"add", "after", "remove", "rename"} {
		if _, given := in.Params[name]; given {
			short = true
		}
	}
	e, err := in.DB.Enum(ctx, in.Params["type"])
	if err != nil {
		return err
	}
	if !short {
		return in.mayBeARename(e)
	}
	if in.Params["values"] != "" {
		return &Mistake{"values lists all values, and add, after, remove and rename say what changes", "give either"}
	}
	add, err := splitList(in.Params["add"])
	if err != nil {
		return err
	}
	remove, err := splitList(in.Params["remove"])
	if err != nil {
		return err
	}
	rename, err := splitMap(in.Params["rename"])
	if err != nil {
		return err
	}
	pairs, err := splitMap(in.Params["map"])
	if err != nil {
		return err
	}
	values, err := changedValues(e, add, remove, rename, pairs, in.Params["after"])
	if err != nil {
		return err
	}
	for _, name := range []string{"add", "after", "remove", "rename"} {
		delete(in.Params, name)
	}
	in.Params["values"] = joinBy(values, ",", listItem)
	if all := slices.Concat(rename, pairs); len(all) > 0 {
		in.Params["map"] = mapText(all)
	}
	return nil
}

// changedValues are an enum's values once some have gone, others have other names and
// new ones have come. Those that the map gives to another value go too.
func changedValues(e *Enum, add, remove []string, rename, pairs []step, after string) ([]string, error) {
	var values []string
	for _, l := range e.Labels {
		to := l
		for _, s := range slices.Concat(rename, pairs) {
			if s.From == l {
				to = s.To
			}
		}
		if !has(remove, l) && !has(values, to) {
			values = append(values, to)
		}
	}
	for _, s := range rename {
		if !has(e.Labels, s.From) {
			return nil, unknown("value of "+e.As, s.From, e.Labels)
		}
	}
	for _, l := range remove {
		if !has(e.Labels, l) {
			return nil, unknown("value of "+e.As, l, e.Labels)
		}
	}
	at := len(values)
	if after != "" {
		names, err := splitList(after)
		if err != nil {
			return nil, err
		}
		if at = 1 + slices.Index(values, names[0]); at == 0 || len(names) != 1 {
			return nil, unknown("value of "+e.As, after, values)
		}
	}
	for _, l := range add {
		if has(e.Labels, l) {
			return nil, refusef("%s is a value of %s already", labelSQL(l), e.As)
		}
	}
	return slices.Insert(values, at, add...), nil
}

// mapText writes pairs as splitMap reads them.
func mapText(pairs []step) string {
	return joinBy(pairs, ",", func(s step) string { return mapLabel(s.From) + "=" + mapLabel(s.To) })
}

// mapsWithin reports whether the pairs lead from values that there are to wanted ones,
// and the wanted ones can be values of one type.
func mapsWithin(labels, wanted []string, pairs []step) bool {
	for _, p := range pairs {
		if !has(labels, p.From) || !has(wanted, p.To) {
			return false
		}
	}
	once := slices.Compact(slices.Sorted(slices.Values(wanted)))
	return len(once) == len(wanted) && !slices.ContainsFunc(wanted, func(l string) bool { return len(l) > 63 })
}

// mayBeARename asks about values of which some go and others come, and nobody has said
// what becomes of which: a removal and an addition, or a new name? Where nobody can be
// asked, both commands are shown.
func (in *Input) mayBeARename(e *Enum) error {
	wanted, err := splitList(in.Params["values"])
	if err != nil || len(wanted) == 0 || in.Params["strategy"] != "" { // who names the strategy knows
		return err
	}
	pairs, err := splitMap(in.Params["map"])
	if err != nil {
		return err
	}
	if !mapsWithin(e.Labels, wanted, pairs) {
		return nil // what is wrong is said by who reads them next
	}
	gone := slices.DeleteFunc(slices.Clone(e.Labels), func(l string) bool { return has(wanted, l) || has(froms(pairs), l) })
	come := slices.DeleteFunc(slices.Clone(wanted), func(l string) bool { return has(e.Labels, l) || has(tos(pairs), l) })
	if len(gone) == 0 || len(come) == 0 {
		return nil
	}
	if in.Ask == nil || len(gone) > 1 || len(come) > 1 {
		var renames []step
		for i := range min(len(gone), len(come)) {
			renames = append(renames, step{gone[i], come[i]})
		}
		typ := "--set " + shellWord("type="+in.Params["type"])
		return &Mistake{
			fmt.Sprintf("%s of %s would go and %s come: is that a new name?", join(gone, labelSQL), e.As, join(come, labelSQL)),
			fmt.Sprintf("for a new name: %s --set %s; for values that go and others that come: %s --set %s --set %s", typ, shellWord("rename="+mapText(renames)),
				typ, shellWord("remove="+joinBy(gone, ",", listItem)), shellWord("add="+joinBy(come, ",", listItem))),
		}
	}
	yes, err := in.Ask(fmt.Sprintf("was %s renamed to %s?", labelSQL(gone[0]), labelSQL(come[0])))
	if err != nil || !yes {
		return err
	}
	in.Params["map"] = strings.TrimPrefix(in.Params["map"]+","+mapText([]step{{gone[0], come[0]}}), ",")
	return nil
}
