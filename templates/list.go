package templates

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"github.com/lib/pq"

	"rung/internal/pgtext"
)

// ref is a column that refers to a key's column.
type ref struct{ Column, Type string }

// taken is a list that is taken apart: its column, and the names of what it
// becomes.
type taken struct {
	t         *Table
	col       *Column
	to, link  string
	separator string
	// kind is that of the column: text, text[] or jsonb.
	kind string
	// blanks are what is taken off the ends of a value, as SQL.
	blanks string
	lower  bool
	refs   []ref // the link table's columns that refer to the key
}

func lookListToTable(ctx context.Context, in *Input) (map[string]any, error) {
	if err := in.mustLook(); err != nil {
		return nil, err
	}
	l, err := in.list(ctx)
	if err != nil {
		return nil, err
	}
	t := l.t
	direct, err := in.way(ctx, t, splits)
	if err != nil {
		return nil, err
	}
	key, err := t.BatchKey()
	if err != nil {
		return nil, err
	}
	name, note := Name(t.Name, l.col.Name, "to_table"), Name(t.Name, l.col.Name, "written")
	inserted, updated := Name(t.Name, l.col.Name, "inserted"), Name(t.Name, l.col.Name, "updated")
	if err := firstOf(t.MayFollow(), l.distinct(note), in.free(ctx, t, l.to, l.link, name, note), in.freeTrigger(ctx, t, name, inserted, updated), in.mayBeReferredTo(ctx, t)); err != nil {
		return nil, err
	}
	path, err := in.triggersPath(ctx, t)
	if err != nil {
		return nil, err
	}
	if !direct {
		in.Sayf("%s: %s; in batches over %s, while a trigger takes new lists apart", t.As, in.about(t.Rows), key)
	}
	in.Sayf("new tables %s and %s; grant on them what the application needs", t.Beside(l.to), t.Beside(l.link))
	if t.Secured {
		in.Sayf("the row security of %s does not reach the new tables: give them policies of their own", t.As)
	}
	if !direct {
		in.Sayf("until the last file the column is what counts: write that one, and read either")
		in.Sayf("locks: SHARE ROW EXCLUSIVE on %s, and ACCESS EXCLUSIVE when the trigger goes, for a moment each; the rows of one batch at a time", t.As)
	}
	full := func(name string) string { return pgtext.Ident(t.Schema) + "." + pgtext.Ident(name) }
	data := map[string]any{
		"t": t, "key": key, "separator": l.separator, "function": t.Beside(name), "trigger": name, "path": path, "column": in.Params["column"],
		"note": t.Beside(note), "note_function": t.Beside(note), "note_full": full(note), "note_inserted": inserted, "note_updated": updated,
		"noted": l.match("n.", "p."), "new_k_links": l.match("k.", "NEW."),
		"values_table": t.Beside(l.to), "link_table": t.Beside(l.link), "values_full": full(l.to), "link_full": full(l.link),
		"refs": l.refs, "refs_list": l.columns(), "value_id": l.valueID(),
		"not_null": l.col.NotNull, "rows": t.As + " AS p", "which": t.InBatch("p"), "list": "p." + pgtext.Ident(l.col.Name),
		"row_key": join(t.Key, func(c string) string { return "p." + pgtext.Ident(c) }),
		"new_key": join(t.Key, func(c string) string { return "NEW." + pgtext.Ident(c) }),
		"old_key": join(t.Key, func(c string) string { return "OLD." + pgtext.Ident(c) }),
		"p_links": l.match("k.", "p."), "new_links": l.match("", "NEW."), "old_links": l.match("", "OLD."),
		"bounded": strings.Contains(l.col.Type, "("), "fits": l.fits(),
		"items": l.items("p." + pgtext.Ident(l.col.Name)), "new_items": l.items("NEW." + pgtext.Ident(l.col.Name)), "item": l.value("u.item"), "value_again": l.value("w.name"),
		"new_written": l.written("NEW." + pgtext.Ident(l.col.Name)), "list_again": l.again(), "empty": l.empty(), "splits": l.kind == "text",
	}
	late := maps.Clone(data)
	late["which"] = t.InBatch("p") + "\n   AND EXISTS (SELECT FROM " + t.Beside(note) + " AS n WHERE " + l.match("n.", "p.") + ")"
	data["late"] = late
	if data["direct"] = direct; direct {
		small := in.small(t, splits, "SHARE ROW EXCLUSIVE", "")
		data["small"], data["which"] = small, "true"
		return data, in.sayDirect(ctx, small, l.col.Name, "from then on the tables are what counts: what is written to the column does not reach them, so deploy the code that writes the tables with it")
	}
	return data, nil
}

// triggersPath is the search_path of functions that compare keys, and name all else in
// full: the server's own, so that no operator of somebody else runs with the owner's
// rights, unless a key's type has its operators elsewhere.
func (in *Input) triggersPath(ctx context.Context, t *Table) (string, error) {
	elsewhere, err := in.DB.strings(ctx, `
SELECT a.attname
  FROM pg_catalog.pg_attribute AS a
  JOIN pg_catalog.pg_type AS y ON y.oid = a.atttypid
 WHERE a.attrelid = $1 AND a.attname = ANY ($2) AND y.typnamespace <> 'pg_catalog'::regnamespace`, t.OID, pq.Array(t.Key))
	if err != nil || len(elsewhere) == 0 {
		return trustedPath, err
	}
	return in.ownersPath(ctx)
}

// list reads the parameters.
func (in *Input) list(ctx context.Context) (*taken, error) {
	t, err := in.table(ctx)
	if err != nil {
		return nil, err
	}
	l := &taken{t: t, separator: in.Params["separator"]}
	if l.separator == "" {
		l.separator = ","
	}
	if l.col, err = t.Column(in.Params["column"]); err != nil {
		return nil, err
	}
	if err := l.shape(ctx, in); err != nil {
		return nil, err
	}
	if l.to, err = bareName("to", in.Params["to"]); err != nil {
		return nil, err
	}
	l.link = Name(singular(t.Name), l.to)
	if in.Params["link"] != "" {
		if l.link, err = bareName("link", in.Params["link"]); err != nil {
			return nil, err
		}
	}
	for _, k := range t.Key {
		c, err := t.Column(k)
		if err != nil {
			return nil, err
		}
		l.refs = append(l.refs, ref{Name(singular(t.Name), k), c.Type})
	}
	return l, nil
}

// distinct refuses names that would meet each other, and a list that is part of
// what tells rows apart: going back would change it.
func (l *taken) distinct(note string) error {
	if has(l.t.Key, l.col.Name) {
		return &Mistake{fmt.Sprintf("%s.%s is in the key of %s", l.t.As, pgtext.Ident(l.col.Name), l.t.As), "give the table a key without it first"}
	}
	if l.to == l.link {
		return &Mistake{fmt.Sprintf("to and link are both %s", pgtext.Ident(l.to)), "give one of them another name"}
	}
	if l.to == note || l.link == note {
		return &Mistake{fmt.Sprintf("%s is the name of a table that the last file makes", pgtext.Ident(note)), "give to or link another name"}
	}
	for _, r := range l.refs {
		if r.Column == l.valueID() {
			return &Mistake{
				fmt.Sprintf("%s would have two columns %s, for %s and for %s", l.t.Beside(l.link), pgtext.Ident(r.Column), l.t.As, l.t.Beside(l.to)),
				"give the table of the values another name by --set to=…",
			}
		}
	}
	return nil
}

// mayBeReferredTo refuses a table that the link table could not refer to, and a key that
// is checked at the end of a transaction only.
func (in *Input) mayBeReferredTo(ctx context.Context, t *Table) error {
	unlogged, err := in.DB.strings(ctx, "SELECT relname FROM pg_catalog.pg_class WHERE oid = $1 AND relpersistence <> 'p'", t.OID)
	if err != nil {
		return err
	}
	if len(unlogged) > 0 {
		return &Mistake{t.As + " is UNLOGGED, and a table that is not cannot refer to it", "SET LOGGED first"}
	}
	if ok, err := in.referable(ctx, t, t.Key); err != nil || ok {
		return err
	}
	return &Mistake{
		fmt.Sprintf("the key of %s, %s, is DEFERRABLE, and a foreign key cannot refer to such a one", t.As, t.KeyList()),
		"give the table a unique index over the same columns first",
	}
}

// columns are those of the link table that refer to the key.
func (l *taken) columns() string {
	names := make([]string, len(l.refs))
	for i, r := range l.refs {
		names[i] = pgtext.Ident(r.Column)
	}
	return strings.Join(names, ", ")
}

// valueID is the link table's column that refers to a value.
func (l *taken) valueID() string { return Name(singular(l.to), "id") }

// match compares the link table's row with one of the table.
func (l *taken) match(link, row string) string {
	all := make([]string, len(l.refs))
	for i, r := range l.refs {
		all[i] = link + pgtext.Ident(r.Column) + " = " + row + pgtext.Ident(l.t.Key[i])
	}
	return strings.Join(all, " AND ")
}

// fits tests that the lists as they would be put together again have room.
func (l *taken) fits() fitCheck {
	t, k, w := l.t, unlike("k", l.t.Name), unlike("w", l.t.Name)
	return fitCheck{
		T: t, Type: l.col.Type, Shown: t.Row(""),
		Expression: "(SELECT string_agg(" + w + ".name, " + pgtext.Literal(l.separator) + " ORDER BY " + k + ".position) FROM " + t.Beside(l.link) + " AS " + k +
			" JOIN " + t.Beside(l.to) + " AS " + w + " ON " + w + ".id = " + k + "." + pgtext.Ident(l.valueID()) + " WHERE " + l.match(k+".", pgtext.Ident(t.Name)+".") + ")",
		Says: " lists are too long for " + t.As + "." + pgtext.Ident(l.col.Name),
		Hint: "Take values off those rows, or give the column more room.",
	}
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
