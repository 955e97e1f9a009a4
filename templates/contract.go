package templates

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/lib/pq"

	"rung/internal/pgtext"
)

func init() { looks["contract"] = lookContract }

// lookContract finds out which template wrote a version, and what it has left.
func lookContract(ctx context.Context, in *Input) (map[string]any, error) {
	if err := in.mustLook(); err != nil {
		return nil, err
	}
	o, err := in.written(in.Params["of"])
	if err != nil {
		return nil, err
	}
	if o.strategy != "json-split" && (in.Params["drop"] != "" || in.Params["stale"] != "") {
		return nil, refusef("drop and stale are for json-split, and version %s is by %s", in.Params["of"], o.strategy)
	}
	data := map[string]any{"origin": o.strategy}
	var found map[string]any
	switch {
	case o.strategy == "soft-delete":
		found, err = in.softDeleted(ctx, o)
	case o.strategy == "json-split":
		found, err = in.split(ctx, o)
	case o.strategy == "list-to-table":
		found, err = in.listed(ctx, o)
	case len(o.kept()) > 0:
		data["origin"] = "kept"
		found, err = in.keptTables(ctx, o)
	case slices.Contains([]string{"bigint-key", "change-type", "enum-online", "enum-retire"}, o.strategy):
		return nil, &Mistake{o.strategy + " has written its contract itself", "apply the pair whose name ends in _contract; where there is none, nothing was left"}
	default:
		return nil, refusef("%s leaves nothing that a contract drops", o.strategy)
	}
	if err != nil {
		return nil, err
	}
	for k, v := range found {
		data[k] = v
	}
	return data, nil
}

// written reads the first lines of a version's up file.
func (in *Input) written(version string) (*origin, error) {
	for _, w := range in.Written {
		if w.Version != strings.TrimLeft(version, "0") {
			continue
		}
		o := originOf(w.Text)
		if o == nil {
			return nil, &Mistake{fmt.Sprintf("version %s was not written by a template: its file does not begin with %q", version, strings.TrimSpace(writtenBy)), "name a version that one wrote"}
		}
		return o, nil
	}
	return nil, &Mistake{fmt.Sprintf("the directory has no up file of version %s", version), "give the number of a migration that a template wrote"}
}

// tableAs looks up the table of the parameters that the template was given.
func (in *Input) tableAs(ctx context.Context, o *origin) (*Table, error) {
	t, err := in.DB.Table(ctx, o.Params["table"])
	if err != nil {
		return nil, err
	}
	in.Sayf("%s of %s; locks: ACCESS EXCLUSIVE on %[2]s for a moment, which is retried after 200 ms", o.strategy, t.As)
	return t, t.MayAlter()
}

// triggersOf are the table's triggers that call a function of its schema.
func (in *Input) triggersOf(ctx context.Context, t *Table, function string) ([]string, error) {
	return in.DB.strings(ctx, `
SELECT g.tgname
  FROM pg_catalog.pg_trigger AS g
  JOIN pg_catalog.pg_proc AS p ON p.oid = g.tgfoid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
 WHERE g.tgrelid = $1 AND n.nspname = $2 AND p.proname = $3 AND g.tgparentid = 0
 ORDER BY 1`, t.OID, t.Schema, function)
}

// dropFollowers are the statements that drop a function's triggers and the function.
func dropFollowers(t *Table, triggers []string, function string) []string {
	var all []string
	for _, g := range triggers {
		all = append(all, "DROP TRIGGER "+pgtext.Ident(g)+" ON "+t.As)
	}
	return append(all, "DROP FUNCTION "+pgtext.Ident(t.Schema)+"."+pgtext.Ident(function)+"()")
}

// notYet is a template whose last file has not run on the database that is looked at.
func notYet(o *origin, what string) error {
	return &Mistake{fmt.Sprintf("%s, so the files of %s have not all been applied here, or a contract has", what, o.strategy), "look at a database where its last file is applied"}
}

func (in *Input) softDeleted(ctx context.Context, o *origin) (map[string]any, error) {
	t, err := in.tableAs(ctx, o)
	if err != nil {
		return nil, err
	}
	column, flag := orElse(o.Params["column"], "deleted_at"), orElse(o.Params["flag"], "is_deleted")
	function := Name(t.Name, flag, "follow")
	triggers, err := in.triggersOf(ctx, t, function)
	if err != nil {
		return nil, err
	}
	if _, err := t.Column(column); err != nil || len(triggers) == 0 {
		return nil, notYet(o, fmt.Sprintf("%s has no column %s with the triggers of %s", t.As, pgtext.Ident(column), function))
	}
	in.Sayf("%s goes, with the times in it: programs must read and write %s alone by then", pgtext.Ident(column), pgtext.Ident(flag))
	return map[string]any{
		"t": t, "column": column, "flag": flag,
		"gone": gone{Table: t.As, Full: t.Full(), Columns: []string{column}, Triggers: triggers, Functions: []string{pgtext.Ident(t.Schema) + "." + pgtext.Ident(function)}},
		"drop": moment("ACCESS EXCLUSIVE", []string{t.As}, nil, append(dropFollowers(t, triggers, function), alterTable(t.As, []string{"DROP COLUMN " + pgtext.Ident(column)}))...),
	}, nil
}

func (in *Input) split(ctx context.Context, o *origin) (map[string]any, error) {
	stale, err := in.flag("stale")
	if err != nil {
		return nil, err
	}
	drop, err := in.oneOf("drop", "keys", "column")
	if err != nil {
		return nil, err
	}
	t, err := in.tableAs(ctx, o)
	if err != nil {
		return nil, err
	}
	if err := t.keyFrom(o.Params["key"]); err != nil {
		return nil, err
	}
	key, err := t.BatchKey()
	if err != nil {
		return nil, err
	}
	asked := in.Params
	in.Params = o.Params
	keys, err := in.splitKeys(ctx, o.Params["lenient"] == "true")
	in.Params = asked
	if err != nil {
		return nil, err
	}
	column := o.Params["column"]
	if _, err := t.Column(column); err != nil {
		return nil, err
	}
	for _, k := range keys {
		if _, err := t.Column(k.Column); err != nil {
			return nil, notYet(o, fmt.Sprintf("%s has no column %s", t.As, pgtext.Ident(k.Column)))
		}
	}
	if triggers, err := in.triggersOf(ctx, t, Name(t.Name, column, "split")); err != nil || len(triggers) > 0 {
		return nil, firstOf(err, notYet(o, fmt.Sprintf("the trigger %s is still there", strings.Join(triggers, ", "))))
	}
	doc := pgtext.Ident(column)
	without := doc
	for _, k := range keys {
		if len(k.Path) == 1 {
			without += " - " + pgtext.Literal(k.Path[0])
		} else {
			without += " #- " + textArray(k.Path)
		}
	}
	in.Sayf("until now the documents kept their keys, and the columns were what counts; programs must not read the keys any more")
	return map[string]any{
		"t": t, "key": key, "column": column, "keys": keys, "stale": stale, "whole": drop == "column", "without": without,
		"has":        joinBy(keys, "\n    OR ", func(k jsonKey) string { return k.At(doc) + " IS NOT NULL" }),
		"differs":    joinBy(keys, "\n                OR ", func(k jsonKey) string { return k.differs(doc) }),
		"takes_keys": takesKeys(doc, keys),
		"gone":       gone{Table: t.As, Full: t.Full(), Columns: []string{column}},
		"drop":       moment("ACCESS EXCLUSIVE", []string{t.As}, nil, alterTable(t.As, []string{"DROP COLUMN " + doc})),
	}, nil
}

// differs is the condition that a key is there and its column says something else.
func (k jsonKey) differs(doc string) string {
	return "coalesce(jsonb_typeof(" + k.At(doc) + "), 'null') <> 'null' AND " + pgtext.Ident(k.Column) + " IS DISTINCT FROM " + indent(19, k.Value(doc))
}

func (in *Input) listed(ctx context.Context, o *origin) (map[string]any, error) {
	t, err := in.tableAs(ctx, o)
	if err != nil {
		return nil, err
	}
	asked := in.Params
	in.Params = o.Params
	l, err := in.list(ctx)
	in.Params = asked
	if err != nil {
		return nil, err
	}
	note := Name(t.Name, l.col.Name, "written")
	triggers, err := in.triggersOf(ctx, t, note)
	if err != nil {
		return nil, err
	}
	direct, err := in.listedAtOnce(ctx, t, l, note)
	if err != nil {
		return nil, err
	}
	if len(triggers) == 0 && !direct {
		return nil, notYet(o, fmt.Sprintf("%s has no triggers of %s", t.As, pgtext.Ident(note)))
	}
	in.Sayf("%s goes, with the spacing and the doubles of its lists: programs must read and write the tables alone by then", pgtext.Ident(l.col.Name))
	if direct {
		in.Sayf("nothing has noted what was written to %s since the tables are what counts: that is lost", pgtext.Ident(l.col.Name))
		return map[string]any{
			"t": t, "column": l.col.Name, "note": "", "gone": gone{Table: t.As, Full: t.Full(), Columns: []string{l.col.Name}},
			"drop": moment("ACCESS EXCLUSIVE", []string{t.As}, nil, alterTable(t.As, []string{"DROP COLUMN " + pgtext.Ident(l.col.Name)})),
		}, nil
	}
	return map[string]any{
		"items": l.items("p." + pgtext.Ident(l.col.Name)), "item": l.value("u.item"),
		"t": t, "column": l.col.Name, "note": t.Beside(note), "noted": l.match("n.", "p."), "p_links": l.match("k.", "p."), "separator": l.separator,
		"values_table": t.Beside(l.to), "link_table": t.Beside(l.link), "value_id": l.valueID(),
		"gone": gone{Table: t.As, Full: t.Full(), Columns: []string{l.col.Name}, Triggers: triggers, Functions: []string{pgtext.Ident(t.Schema) + "." + pgtext.Ident(note)}},
		"drop": moment("ACCESS EXCLUSIVE", []string{t.As}, nil, append(append(dropFollowers(t, triggers, note), "DROP TABLE "+t.Beside(note)), alterTable(t.As, []string{"DROP COLUMN " + pgtext.Ident(l.col.Name)}))...),
	}, nil
}

// listedAtOnce reports whether the direct way has taken a list apart: the tables are
// there, and neither what follows the column nor what notes late writes.
func (in *Input) listedAtOnce(ctx context.Context, t *Table, l *taken, note string) (bool, error) {
	there, err := in.DB.usualRowThere(ctx, t.Beside(l.link))
	if err != nil || !there {
		return false, err
	}
	follows, err := in.triggersOf(ctx, t, Name(t.Name, l.col.Name, "to_table"))
	if err != nil || len(follows) > 0 {
		return false, err
	}
	noted, err := in.triggersOf(ctx, t, note)
	return len(noted) == 0, err
}

// keptTables are side tables that a change keeps for its way back.
func (in *Input) keptTables(ctx context.Context, o *origin) (map[string]any, error) {
	tables := o.kept()
	var missing []string
	for _, name := range tables {
		there, err := in.DB.usualRowThere(ctx, name)
		if err != nil {
			return nil, err
		}
		if !there {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return nil, notYet(o, "there is no table "+strings.Join(missing, ", "))
	}
	in.Sayf("%s keeps what rows had before version %s; once it is gone, that version cannot be reverted", strings.Join(tables, ", "), in.Params["of"])
	return map[string]any{"drop": statements(prefixed("DROP TABLE ", tables)), "of": in.Params["of"]}, nil
}

// usualRowThere reports whether a name is that of a table.
func (c *Catalog) usualRowThere(ctx context.Context, name string) (there bool, err error) {
	err = c.usualRow(ctx, "SELECT pg_catalog.to_regclass($1) IS NOT NULL", name).Scan(&there)
	if e := pq.As(err); e != nil {
		return false, nil
	}
	return there, err
}

func orElse(value, usual string) string {
	if value == "" {
		return usual
	}
	return value
}
