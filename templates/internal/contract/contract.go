// Package contract drops what other templates left behind: contract.
package contract

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"rung/internal/pgtext"
	"rung/templates/internal/catalog"
	"rung/templates/internal/dependents"
	"rung/templates/internal/jsondoc"
	"rung/templates/internal/lists"
	"rung/templates/internal/mistake"
	"rung/templates/internal/shared"
	"rung/templates/internal/sqltext"
	"rung/templates/internal/task"
)

// contracted is what sql/contract.sql sees, each origin of its own part.
type contracted struct {
	Origin                                     string
	T                                          *catalog.Table
	Column, Flag, Key, Of                      string
	Gone                                       shared.Gone
	Drop                                       string
	Keys                                       []jsondoc.JsonKey
	Stale, Whole                               bool
	Without, Has, Differs, TakesKeys           string
	Items, Item, Note, Noted, PLinks           string
	Separator, ValuesTable, LinkTable, ValueId string
	Word, ValueKey                             string
}

// Contract finds out which template wrote a version, and what it has left.
func Contract(ctx context.Context, in *task.Input) (any, error) {
	if err := in.MustLook(); err != nil {
		return nil, err
	}
	o, err := written(in, in.Params["of"])
	if err != nil {
		return nil, err
	}
	if o.strategy != "json-split" && (in.Params["drop"] != "" || in.Params["stale"] != "") {
		return nil, mistake.Refusef("drop and stale are for json-split, and version %s is by %s", in.Params["of"], o.strategy)
	}
	var found contracted
	origin := o.strategy
	switch {
	case o.strategy == "soft-delete":
		found, err = softDeleted(ctx, in, o)
	case o.strategy == "json-split":
		found, err = split(ctx, in, o)
	case o.strategy == "list-to-table":
		found, err = listed(ctx, in, o)
	case len(o.kept()) > 0:
		origin = "kept"
		found, err = keptTables(ctx, in, o)
	case slices.Contains([]string{"bigint-key", "change-type", "enum-online", "enum-retire"}, o.strategy):
		return nil, mistake.New(o.strategy+" has written its contract itself", "apply the pair whose name ends in _contract; where there is none, nothing was left")
	default:
		return nil, mistake.Refusef("%s leaves nothing that a contract drops", o.strategy)
	}
	if err != nil {
		return nil, err
	}
	found.Origin = origin
	return found, nil
}

// written reads the first lines of a version's up file.
func written(in *task.Input, version string) (*origin, error) {
	for _, w := range in.Written {
		if w.Version != strings.TrimLeft(version, "0") {
			continue
		}
		o := OriginOf(w.Text)
		if o == nil {
			return nil, mistake.New(fmt.Sprintf("version %s was not written by a template: its file does not begin with %q", version, strings.TrimSpace(writtenBy)), "name a version that one wrote")
		}
		return o, nil
	}
	return nil, mistake.New(fmt.Sprintf("the directory has no up file of version %s", version), "give the number of a migration that a template wrote")
}

// Of are the parameters of the template whose contract is asked for; nil where there is
// no such version, which Contract says.
func Of(in *task.Input) map[string]string {
	o, err := written(in, in.Params["of"])
	if err != nil {
		return nil
	}
	return o.Params
}

// tableAs looks up the table of the parameters that the template was given.
func tableAs(ctx context.Context, in *task.Input, o *origin) (*catalog.Table, error) {
	t, err := in.DB.Table(ctx, o.Params["table"])
	if err != nil {
		return nil, err
	}
	in.Sayf("%s of %s; locks: ACCESS EXCLUSIVE on %[2]s for a moment, which is retried after 200 ms", o.strategy, t.As)
	return t, t.MayAlter()
}

// triggersOf are the table's triggers that call a function of its schema.
func triggersOf(ctx context.Context, in *task.Input, t *catalog.Table, function string) ([]string, error) {
	return in.DB.Strings(ctx, catalog.SQL("triggers_of_function"), t.OID, t.Schema, function)
}

// dropFollowers are the statements that drop a function's triggers and the function.
func dropFollowers(t *catalog.Table, triggers []string, function string) []string {
	var all []string
	for _, g := range triggers {
		all = append(all, "DROP TRIGGER "+pgtext.Ident(g)+" ON "+t.As)
	}
	return append(all, "DROP FUNCTION "+pgtext.Ident(t.Schema)+"."+pgtext.Ident(function)+"()")
}

// notYet is a template whose last file has not run on the database that is looked at.
func notYet(o *origin, what string) error {
	return mistake.New(fmt.Sprintf("%s, so the files of %s have not all been applied here, or a contract has", what, o.strategy), "look at a database where its last file is applied")
}

func softDeleted(ctx context.Context, in *task.Input, o *origin) (contracted, error) {
	t, err := tableAs(ctx, in, o)
	if err != nil {
		return contracted{}, err
	}
	column, flag := sqltext.OrElse(o.Params["column"], "deleted_at"), sqltext.OrElse(o.Params["flag"], "is_deleted")
	function := sqltext.Name(t.Name, flag, "follow")
	triggers, err := triggersOf(ctx, in, t, function)
	if err != nil {
		return contracted{}, err
	}
	if _, err := t.Column(column); err != nil || len(triggers) == 0 {
		return contracted{}, notYet(o, fmt.Sprintf("%s has no column %s with the triggers of %s", t.As, pgtext.Ident(column), function))
	}
	in.Sayf("%s goes, with the times in it: programs must read and write %s alone by then", pgtext.Ident(column), pgtext.Ident(flag))
	return contracted{
		T: t, Column: column, Flag: flag,
		Gone: shared.Gone{Table: t.As, Full: t.Full(), Columns: []string{column}, Triggers: triggers, Functions: []string{pgtext.Ident(t.Schema) + "." + pgtext.Ident(function)}},
		Drop: dependents.Moment("ACCESS EXCLUSIVE", []string{t.As}, nil, append(dropFollowers(t, triggers, function), sqltext.AlterTable(t.As, []string{"DROP COLUMN " + pgtext.Ident(column)}))...),
	}, nil
}

func split(ctx context.Context, in *task.Input, o *origin) (contracted, error) {
	stale, err := in.Flag("stale")
	if err != nil {
		return contracted{}, err
	}
	drop, err := in.OneOf("drop", "keys", "column")
	if err != nil {
		return contracted{}, err
	}
	t, err := tableAs(ctx, in, o)
	if err != nil {
		return contracted{}, err
	}
	if err := t.KeyFrom(o.Params["key"]); err != nil {
		return contracted{}, err
	}
	key, err := t.BatchKey()
	if err != nil {
		return contracted{}, err
	}
	keys, err := jsondoc.SplitKeys(ctx, in.With(o.Params), o.Params["lenient"] == "true")
	if err != nil {
		return contracted{}, err
	}
	column := o.Params["column"]
	if _, err := t.Column(column); err != nil {
		return contracted{}, err
	}
	for _, k := range keys {
		if _, err := t.Column(k.Column); err != nil {
			return contracted{}, notYet(o, fmt.Sprintf("%s has no column %s", t.As, pgtext.Ident(k.Column)))
		}
	}
	if triggers, err := triggersOf(ctx, in, t, sqltext.Name(t.Name, column, "split")); err != nil || len(triggers) > 0 {
		return contracted{}, mistake.FirstOf(err, notYet(o, fmt.Sprintf("the trigger %s is still there", strings.Join(triggers, ", "))))
	}
	doc := pgtext.Ident(column)
	without := doc
	for _, k := range keys {
		if len(k.Path) == 1 {
			without += " - " + pgtext.Literal(k.Path[0])
		} else {
			without += " #- " + sqltext.TextArray(k.Path)
		}
	}
	in.Sayf("until now the documents kept their keys, and the columns were what counts; programs must not read the keys any more")
	return contracted{
		T: t, Key: key, Column: column, Keys: keys, Stale: stale, Whole: drop == "column", Without: without,
		Has:       sqltext.JoinBy(keys, "\n    OR ", func(k jsondoc.JsonKey) string { return k.At(doc) + " IS NOT NULL" }),
		Differs:   sqltext.JoinBy(keys, "\n                OR ", func(k jsondoc.JsonKey) string { return differs(k, doc) }),
		TakesKeys: jsondoc.TakesKeys(doc, keys),
		Gone:      shared.Gone{Table: t.As, Full: t.Full(), Columns: []string{column}},
		Drop:      dependents.Moment("ACCESS EXCLUSIVE", []string{t.As}, nil, sqltext.AlterTable(t.As, []string{"DROP COLUMN " + doc})),
	}, nil
}

// differs is the condition that a key is there and its column says something else.
func differs(k jsondoc.JsonKey, doc string) string {
	return "coalesce(jsonb_typeof(" + k.At(doc) + "), 'null') <> 'null' AND " + pgtext.Ident(k.Column) + " IS DISTINCT FROM " + sqltext.Indent(19, k.Value(doc))
}

func listed(ctx context.Context, in *task.Input, o *origin) (contracted, error) {
	t, err := tableAs(ctx, in, o)
	if err != nil {
		return contracted{}, err
	}
	l, err := lists.List(ctx, in.With(o.Params))
	if err != nil {
		return contracted{}, err
	}
	note := sqltext.Name(t.Name, l.Col.Name, "written")
	triggers, err := triggersOf(ctx, in, t, note)
	if err != nil {
		return contracted{}, err
	}
	direct, err := listedAtOnce(ctx, in, t, l, note)
	if err != nil {
		return contracted{}, err
	}
	if len(triggers) == 0 && !direct {
		return contracted{}, notYet(o, fmt.Sprintf("%s has no triggers of %s", t.As, pgtext.Ident(note)))
	}
	in.Sayf("%s goes, with the spacing and the doubles of its lists: programs must read and write the tables alone by then", pgtext.Ident(l.Col.Name))
	if direct {
		in.Sayf("nothing has noted what was written to %s since the tables are what counts: that is lost", pgtext.Ident(l.Col.Name))
		return contracted{
			T: t, Column: l.Col.Name, Note: "", Gone: shared.Gone{Table: t.As, Full: t.Full(), Columns: []string{l.Col.Name}},
			Drop: dependents.Moment("ACCESS EXCLUSIVE", []string{t.As}, nil, sqltext.AlterTable(t.As, []string{"DROP COLUMN " + pgtext.Ident(l.Col.Name)})),
		}, nil
	}
	return contracted{
		Items: l.Items("p." + pgtext.Ident(l.Col.Name)), Item: l.Value("u.item"),
		T: t, Column: l.Col.Name, Note: t.Beside(note), Noted: l.Match("n.", "p."), PLinks: l.Match("k.", "p."), Separator: l.Separator,
		ValuesTable: l.Values.As, LinkTable: t.Beside(l.Link), ValueId: l.ValueID(), Word: l.Values.Word(), ValueKey: l.Values.ID,
		Gone: shared.Gone{Table: t.As, Full: t.Full(), Columns: []string{l.Col.Name}, Triggers: triggers, Functions: []string{pgtext.Ident(t.Schema) + "." + pgtext.Ident(note)}},
		Drop: dependents.Moment("ACCESS EXCLUSIVE", []string{t.As}, nil, append(append(dropFollowers(t, triggers, note), "DROP TABLE "+t.Beside(note)), sqltext.AlterTable(t.As, []string{"DROP COLUMN " + pgtext.Ident(l.Col.Name)}))...),
	}, nil
}

// listedAtOnce reports whether the direct way has taken a list apart: the tables are
// there, and neither what follows the column nor what notes late writes.
func listedAtOnce(ctx context.Context, in *task.Input, t *catalog.Table, l *lists.Taken, note string) (bool, error) {
	there, err := in.DB.UsualRowThere(ctx, t.Beside(l.Link))
	if err != nil || !there {
		return false, err
	}
	follows, err := triggersOf(ctx, in, t, sqltext.Name(t.Name, l.Col.Name, "to_table"))
	if err != nil || len(follows) > 0 {
		return false, err
	}
	noted, err := triggersOf(ctx, in, t, note)
	return len(noted) == 0, err
}

// keptTables are side tables that a change keeps for its down migration.
func keptTables(ctx context.Context, in *task.Input, o *origin) (contracted, error) {
	tables := o.kept()
	var missing []string
	for _, name := range tables {
		there, err := in.DB.UsualRowThere(ctx, name)
		if err != nil {
			return contracted{}, err
		}
		if !there {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return contracted{}, notYet(o, "there is no table "+strings.Join(missing, ", "))
	}
	in.Sayf("%s keeps what rows had before version %s; once it is gone, that version cannot be reverted", strings.Join(tables, ", "), in.Params["of"])
	return contracted{Drop: sqltext.Statements(sqltext.Prefixed("DROP TABLE ", tables)), Of: in.Params["of"]}, nil
}
