package templates

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"rung/internal/pgtext"
)

func init() {
	looks["enum-rename"] = lookEnumRename
	looks["enum-add"] = lookEnumAdd
	functions["label"] = labelSQL
	functions["labels"] = func(all []string) string { return join(all, labelSQL) }
}

// labelSQL writes a label as SQL, on one line whatever it holds.
func labelSQL(l string) string {
	if !strings.ContainsAny(l, "\n\r\t") {
		return pgtext.Literal(l)
	}
	return "E'" + strings.NewReplacer(`\`, `\\`, "'", "''", "\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(l) + "'"
}

func lookEnumRename(ctx context.Context, in *Input) (map[string]any, error) {
	c, err := in.change(ctx)
	if err != nil {
		return nil, err
	}
	switch {
	case c.Same():
		return nil, refusef("nothing to do: the values of %s are already %s", c.Enum.As, join(c.New, labelSQL))
	case c.Merged:
		return nil, notBy("enum-rename", "two values would become one", "enum-swap or enum-retire")
	case len(c.Gone) > 0:
		return nil, notBy("enum-rename", "it cannot take away "+join(c.Gone, labelSQL), "enum-swap")
	case len(c.Added) > 0:
		return nil, notBy("enum-rename", "it cannot add "+join(c.Added, labelSQL), "enum-add")
	case c.Moved:
		return nil, notBy("enum-rename", "it cannot change the order of the values", "enum-swap")
	}
	steps := inOrder(c.renames(), append(c.Old, c.New...))
	in.Sayf("%s: %d renamed; no row is touched, and no table is locked", c.Enum.As, len(c.renames()))
	return map[string]any{"e": c.Enum, "steps": steps, "back": turned(steps), "cycle": len(steps) > len(c.renames())}, firstOf(in.seeTexts(ctx, c), in.seeCasts(ctx, c), in.sayPublished(ctx, "a value", c.Enum.tables()...), in.warnOfBodies(ctx, c))
}

// notBy is the Mistake of a change that a template cannot make.
func notBy(name, why, instead string) error {
	return &Mistake{name + " does not do it: " + why, "use --template " + instead + ", or enum, which chooses"}
}

// warnOfBodies says which functions, and arguments of triggers, name a label that changes.
func (in *Input) warnOfBodies(ctx context.Context, c *change) error {
	if in.DB == nil {
		return nil
	}
	labels := append([]string{}, c.Gone...)
	for _, s := range c.renames() {
		labels = append(labels, s.From)
	}
	found, err := list(ctx, in.DB, func(rows *sql.Rows) (string, error) {
		var function, label string
		err := rows.Scan(&function, &label)
		return function + " names " + pgtext.Literal(label), err
	}, enumSQL("bodies"), "{"+strings.Join(quoteElements(labels), ",")+"}")
	if len(found) > 0 {
		in.Sayf("texts of functions, and arguments of triggers, that this does not change, see to them: %s", strings.Join(found, "; "))
	}
	return err
}

// quoteElements writes strings as elements of an array literal.
func quoteElements(labels []string) []string {
	out := make([]string, len(labels))
	for i, l := range labels {
		out[i] = arrayElement(l)
	}
	return out
}

func arrayElement(l string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(l) + `"`
}

// addition is one ADD VALUE with its place.
type addition struct{ Label, Place string }

func lookEnumAdd(ctx context.Context, in *Input) (map[string]any, error) {
	if in.DB == nil && in.Params["new"] == "" {
		return nil, &Mistake{"enum-add must see which values the type has", "leave --offline out, or say by --set new=… which are new"}
	}
	c, err := in.change(ctx)
	if err != nil {
		return nil, err
	}
	if in.DB != nil && c.Same() {
		return nil, refusef("nothing to do: the values of %s are already %s", c.Enum.As, join(c.New, labelSQL))
	}
	given, err := splitList(in.Params["new"])
	if err != nil {
		return nil, err
	}
	if len(given) > 0 && !slices.Equal(slices.Sorted(slices.Values(given)), slices.Sorted(slices.Values(c.Added))) {
		return nil, &Mistake{fmt.Sprintf("new=%s, but the new values are %s", in.Params["new"], join(c.Added, labelSQL)), "leave new out: it is for --offline"}
	}
	in.unseen("whether the values of %s are %s now, in this order", c.Enum.As, join(c.Old, labelSQL))
	switch {
	case c.Merged:
		return nil, notBy("enum-add", "two values would become one", "enum-swap or enum-retire")
	case len(c.Gone) > 0:
		return nil, notBy("enum-add", "it cannot take away "+join(c.Gone, labelSQL), "enum-swap")
	case c.Moved:
		return nil, notBy("enum-add", "it cannot change the order of the values", "enum-swap")
	case len(c.Added) == 0:
		return nil, notBy("enum-add", "there is nothing to add", "enum-rename")
	}
	in.Sayf("%s: %s added; no row is touched, and no table is locked", c.Enum.As, join(c.Added, labelSQL))
	in.Sayf("a new value can be used only after this file has committed, so put what uses it into a later one")
	return map[string]any{
		"e": c.Enum, "steps": inOrder(c.renames(), append(c.Old, c.New...)), "additions": c.additions(), "added": c.Added,
	}, firstOf(in.seeTexts(ctx, c), in.seeCasts(ctx, c), in.sayPublished(ctx, "a value", c.Enum.tables()...), in.warnOfBodies(ctx, c))
}

// additions are the new labels in the order of the wanted list, each with a
// place beside one that is there by then.
func (c *change) additions() []addition {
	var all []addition
	there := map[string]bool{}
	end := "" // the last label so far
	for _, l := range c.New {
		if !has(c.Added, l) {
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
			place = "AFTER " + labelSQL(c.New[i-1])
		case i == 0 && end != "":
			place = "BEFORE " + labelSQL(c.firstThere(there))
		}
		if i > 0 && c.New[i-1] == end {
			end = l
		}
		there[l] = true
		all = append(all, addition{l, place})
	}
	return all
}

func (c *change) firstThere(there map[string]bool) string {
	for _, l := range c.New {
		if there[l] {
			return l
		}
	}
	return ""
}
