package templates

import (
	"context"
	"fmt"
	"strings"
)

// ref is a column that refers to a key's column.
type ref struct{ Column, Type string }

func lookListToTable(ctx context.Context, in *Input) (map[string]any, error) {
	if err := in.mustLook(); err != nil {
		return nil, err
	}
	t, err := in.table(ctx)
	if err != nil {
		return nil, err
	}
	col, err := t.Column(in.Params["column"])
	if err != nil {
		return nil, err
	}
	if col.Type != "text" && !strings.HasPrefix(col.Type, "character varying") || col.Generated {
		return nil, refusef("%s.%s is %s, no plain column of text", t.As, Ident(col.Name), col.Type)
	}
	key, err := t.BatchKey()
	if err != nil {
		return nil, err
	}
	to, err := bareName("to", in.Params["to"])
	if err != nil {
		return nil, err
	}
	link := Name(singular(t.Name), to)
	if in.Params["link"] != "" {
		if link, err = bareName("link", in.Params["link"]); err != nil {
			return nil, err
		}
	}
	name := Name(t.Name, col.Name, "to_table")
	if err := firstOf(t.MayFollow(), in.free(ctx, t, to, link, name)); err != nil {
		return nil, err
	}
	separator := in.Params["separator"]
	if separator == "" {
		separator = ","
	}
	var refs []ref
	var columns []string
	for _, k := range t.Key {
		c, err := t.Column(k)
		if err != nil {
			return nil, err
		}
		r := ref{Name(singular(t.Name), k), c.Type}
		refs, columns = append(refs, r), append(columns, r.Column)
	}
	in.Sayf("%s: about %d rows; in batches over %s, while a trigger takes new lists apart", t.As, t.Rows, key)
	in.Sayf("new tables %s and %s; grant on them what the application needs", t.Beside(to), t.Beside(link))
	if t.Secured {
		in.Sayf("the row security of %s does not reach the new tables: give them policies of their own", t.As)
	}
	in.Sayf("until the last file the column is what counts: write that one, and read either")
	in.Sayf("locks: SHARE ROW EXCLUSIVE on %s for a moment; the rows of one batch at a time", t.As)
	match := func(left, right string) string {
		var all []string
		for i, k := range t.Key {
			all = append(all, left+Ident(columns[i])+" = "+right+Ident(k))
		}
		return strings.Join(all, " AND ")
	}
	fits := fitCheck{
		T: t, Type: col.Type, Shown: t.Row(""),
		Expression: "(SELECT string_agg(w.name, " + Literal(separator) + " ORDER BY k.position) FROM " + t.Beside(link) + " AS k JOIN " + t.Beside(to) +
			" AS w ON w.id = k." + Ident(Name(singular(to), "id")) + " WHERE " + match("k.", Ident(t.Name)+".") + ")",
		Says: " lists are too long for " + t.As + "." + Ident(col.Name),
		Hint: "Take values off those rows, or give the column more room.",
	}
	full := func(name string) string { return Ident(t.Schema) + "." + Ident(name) }
	return map[string]any{
		"t": t, "key": key, "separator": separator, "function": t.Beside(name), "trigger": name,
		"values_table": t.Beside(to), "link_table": t.Beside(link), "values_full": full(to), "link_full": full(link),
		"refs": refs, "refs_list": join(columns, Ident), "value_id": Name(singular(to), "id"),
		"not_null": col.NotNull, "rows": t.As + " AS p", "which": t.InBatch("p"), "list": "p." + Ident(col.Name),
		"row_key": join(t.Key, func(c string) string { return "p." + Ident(c) }),
		"new_key": join(t.Key, func(c string) string { return "NEW." + Ident(c) }),
		"old_key": join(t.Key, func(c string) string { return "OLD." + Ident(c) }),
		"p_links": match("k.", "p."), "new_links": match("", "NEW."), "old_links": match("", "OLD."),
		"bounded": strings.Contains(col.Type, "("), "fits": fits,
	}, nil
}

// bareName reads the name of a new table, which comes to stand beside another.
func bareName(param, value string) (string, error) {
	names, ok := splitName(value)
	if !ok || len(names) != 1 || len(names[0]) > 63 {
		return "", &Mistake{fmt.Sprintf("%s=%s is no name for a new table", param, value), "give it without a schema: it comes into that of the table"}
	}
	return names[0], nil
}

// singular takes the s off tags and posts.
func singular(name string) string {
	if s, ok := strings.CutSuffix(name, "ies"); ok && s != "" {
		return s + "y"
	}
	if s, ok := strings.CutSuffix(name, "s"); ok && s != "" && !strings.HasSuffix(s, "s") {
		return s
	}
	return name
}
