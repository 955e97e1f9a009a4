// Package lists makes tables of lists in a column: list-to-table.
package lists

import (
	"context"
	"fmt"
	"strings"

	"github.com/lib/pq"

	"rung/internal/pgtext"
	"rung/templates/internal/catalog"
	"rung/templates/internal/ensure"
	"rung/templates/internal/mistake"
	"rung/templates/internal/shared"
	"rung/templates/internal/sqltext"
	"rung/templates/internal/task"
	"rung/templates/internal/way"
	"rung/templates/internal/words"
)

// ref is a column that refers to a key's column.
type ref struct{ Column, Type string }

// Taken is a list that is taken apart: its column, and the names of what it
// becomes.
type Taken struct {
	t         *catalog.Table
	Col       *catalog.Column
	To, Link  string
	Separator string
	// kind is that of the column: text, text[] or jsonb.
	kind string
	// blanks are what is taken off the ends of a value, as SQL.
	blanks string
	lower  bool
	// quotes is true where a value may stand in double quotes.
	quotes bool
	Values Values
	refs   []ref // the link table's columns that refer to the key
}

// toTable is what sql/list-to-table.sql sees.
type toTable struct {
	T                                                       *catalog.Table
	Key, Separator, Function, Trigger, Path, Column         string
	Note, NoteFunction, NoteFull, NoteInserted, NoteUpdated string
	ValuesTable, LinkTable, ValuesFull, LinkFull            string
	Refs                                                    []ref
	RefsList, ValueId                                       string
	// Id, IdType, Name and Word are how the table of the values has them.
	Id, IdType, Name, Word, Meets           string
	NotNull, Bounded, Splits, Direct, Given bool
	// Rows are those whose lists are taken apart, Which the ones of a batch, and the
	// rest are conditions and expressions over them.
	Rows, Which, List, Items, Item, ValueAgain, ListAgain, Empty string
	RowKey, NewKey, OldKey                                       string
	Noted, PLinks, NewKLinks, NewLinks, OldLinks                 string
	NewItems, NewWritten                                         string
	Fits                                                         shared.FitCheck
	Small                                                        way.SmallTable
	// Late is all of it for the rows that were written since.
	Late map[string]any
}

// ToTable makes two tables of the lists in a column.
func ToTable(ctx context.Context, in *task.Input) (any, error) {
	if err := in.MustLook(); err != nil {
		return nil, err
	}
	l, err := List(ctx, in)
	if err != nil {
		return nil, err
	}
	t := l.t
	if err := mistake.FirstOf(l.mustTell(ctx, in), l.asMade(ctx, in)); err != nil {
		return nil, err
	}
	direct, err := way.Choose(ctx, in, t, way.Splits)
	if err != nil {
		return nil, err
	}
	key, err := t.BatchKey()
	if err != nil {
		return nil, err
	}
	name, note := sqltext.Name(t.Name, l.Col.Name, "to_table"), sqltext.Name(t.Name, l.Col.Name, "written")
	inserted, updated := sqltext.Name(t.Name, l.Col.Name, "inserted"), sqltext.Name(t.Name, l.Col.Name, "updated")
	if err := mistake.FirstOf(t.MayFollow(), l.distinct(note), ensure.Free(ctx, in, t, l.made(name, note)...), ensure.FreeTrigger(ctx, in, t, name, inserted, updated), mayBeReferredTo(ctx, in, t)); err != nil {
		return nil, err
	}
	path, err := triggersPath(ctx, in, t)
	if err != nil {
		return nil, err
	}
	if !direct {
		in.Sayf("%s: %s; in batches over %s, while a trigger takes new lists apart", t.As, in.About(t.Rows), key)
	}
	if l.Values.Given {
		in.Sayf("new table %s, and new values in %s, where they stay after a down; grant on it what the application needs", t.Beside(l.Link), l.Values.As)
	} else {
		in.Sayf("new tables %s and %s; grant on them what the application needs", t.Beside(l.To), t.Beside(l.Link))
	}
	if t.Secured {
		in.Sayf("the row security of %s does not reach the new tables: give them policies of their own", t.As)
	}
	if !direct {
		in.Sayf("until the last file the column is what counts: write that one, and read either")
		in.Sayf("locks: SHARE ROW EXCLUSIVE on %s, and ACCESS EXCLUSIVE when the trigger goes, for a moment each; the rows of one batch at a time", t.As)
	}
	full := func(name string) string { return pgtext.Ident(t.Schema) + "." + pgtext.Ident(name) }
	data := toTable{
		T: t, Key: key, Separator: l.Separator, Function: t.Beside(name), Trigger: name, Path: path, Column: in.Params["column"],
		Note: t.Beside(note), NoteFunction: t.Beside(note), NoteFull: full(note), NoteInserted: inserted, NoteUpdated: updated,
		Noted: l.Match("n.", "p."), NewKLinks: l.Match("k.", "NEW."),
		ValuesTable: l.Values.As, LinkTable: t.Beside(l.Link), ValuesFull: l.Values.Full, LinkFull: full(l.Link),
		Given: l.Values.Given, Id: l.Values.ID, IdType: l.Values.Type, Name: l.Values.Name, Word: l.Values.Word(), Meets: l.Values.Meets(),
		Refs: l.refs, RefsList: l.columns(), ValueId: l.ValueID(),
		NotNull: l.Col.NotNull, Rows: t.As + " AS p", Which: t.InBatch("p"), List: "p." + pgtext.Ident(l.Col.Name),
		RowKey: sqltext.Join(t.Key, func(c string) string { return "p." + pgtext.Ident(c) }),
		NewKey: sqltext.Join(t.Key, func(c string) string { return "NEW." + pgtext.Ident(c) }),
		OldKey: sqltext.Join(t.Key, func(c string) string { return "OLD." + pgtext.Ident(c) }),
		PLinks: l.Match("k.", "p."), NewLinks: l.Match("", "NEW."), OldLinks: l.Match("", "OLD."),
		Bounded: strings.Contains(l.Col.Type, "("), Fits: l.fits(),
		Items: l.Items("p." + pgtext.Ident(l.Col.Name)), NewItems: l.Items("NEW." + pgtext.Ident(l.Col.Name)), Item: l.Value("u.item"), ValueAgain: l.Value(l.Values.Word()),
		NewWritten: l.written("NEW." + pgtext.Ident(l.Col.Name)), ListAgain: l.again(l.Values.Word(), "k.position"), Empty: l.empty(), Splits: l.kind == "text" && !l.quotes,
	}
	late := data
	late.Which = t.InBatch("p") + "\n   AND EXISTS (SELECT FROM " + t.Beside(note) + " AS n WHERE " + l.Match("n.", "p.") + ")"
	data.Late = task.Fields(late)
	if data.Direct = direct; direct {
		data.Small, data.Which = way.Small(in, t, way.Splits, "SHARE ROW EXCLUSIVE", ""), "true"
		return data, way.SayDirect(ctx, in, data.Small, l.Col.Name, "from then on the tables are what counts: what is written to the column does not reach them, so deploy the code that writes the tables with it")
	}
	return data, nil
}

// triggersPath is the search_path of functions that compare keys, and name all else in
// full: the server's own, so that no operator of somebody else runs with the owner's
// rights, unless a key's type has its operators elsewhere.
func triggersPath(ctx context.Context, in *task.Input, t *catalog.Table) (string, error) {
	elsewhere, err := in.DB.Strings(ctx, catalog.SQL("columns_of_own_types"), t.OID, pq.Array(t.Key))
	if err != nil || len(elsewhere) == 0 {
		return catalog.TrustedPath, err
	}
	return ensure.OwnersPath(ctx, in)
}

// List reads the parameters.
func List(ctx context.Context, in *task.Input) (*Taken, error) {
	t, err := in.Table(ctx)
	if err != nil {
		return nil, err
	}
	l := &Taken{t: t, Separator: in.Params["separator"]}
	if l.Separator == "" {
		l.Separator = ","
	}
	if l.Col, err = t.Column(in.Params["column"]); err != nil {
		return nil, err
	}
	if err := l.shape(ctx, in); err != nil {
		return nil, err
	}
	if err := l.values(ctx, in); err != nil {
		return nil, err
	}
	l.Link = sqltext.Name(singular(t.Name), l.To)
	if in.Params["link"] != "" {
		if l.Link, err = bareName("link", in.Params["link"]); err != nil {
			return nil, err
		}
	}
	for _, k := range t.Key {
		c, err := t.Column(k)
		if err != nil {
			return nil, err
		}
		l.refs = append(l.refs, ref{sqltext.Name(singular(t.Name), k), c.Type})
	}
	return l, nil
}

// distinct refuses names that would meet each other, and a list that is part of
// what tells rows apart: going back would change it.
func (l *Taken) distinct(note string) error {
	if sqltext.Has(l.t.Key, l.Col.Name) {
		return mistake.New(fmt.Sprintf("%s.%s is in the key of %s", l.t.As, pgtext.Ident(l.Col.Name), l.t.As), "give the table a key without it first")
	}
	if l.To == l.Link {
		return mistake.New(fmt.Sprintf("to and link are both %s", pgtext.Ident(l.To)), "give one of them another name")
	}
	if l.To == note || l.Link == note {
		return mistake.New(fmt.Sprintf("%s is the name of a table that the last file makes", pgtext.Ident(note)), "give to or link another name")
	}
	for _, r := range l.refs {
		if r.Column == l.ValueID() {
			return mistake.New(
				fmt.Sprintf("%s would have two columns %s, for %s and for %s", l.t.Beside(l.Link), pgtext.Ident(r.Column), l.t.As, l.Values.As),
				"give the table of the values another name by --set to=…",
			)
		}
	}
	return nil
}

// mayBeReferredTo refuses a table that the link table could not refer to, and a key that
// is checked at the end of a transaction only.
func mayBeReferredTo(ctx context.Context, in *task.Input, t *catalog.Table) error {
	unlogged, err := in.DB.Strings(ctx, catalog.SQL("table_unlogged"), t.OID)
	if err != nil {
		return err
	}
	if len(unlogged) > 0 {
		return mistake.New(t.As+" is UNLOGGED, and a table that is not cannot refer to it", "SET LOGGED first")
	}
	if ok, err := ensure.Referable(ctx, in, t, t.Key); err != nil || ok {
		return err
	}
	return mistake.New(
		fmt.Sprintf("the key of %s, %s, is DEFERRABLE, and a foreign key cannot refer to such a one", t.As, t.KeyList()),
		"give the table a unique index over the same columns first",
	)
}

// made are the names that must be free, with others.
func (l *Taken) made(others ...string) []string {
	if !l.Values.Given {
		others = append(others, l.To)
	}
	return append(others, l.Link)
}

// columns are those of the link table that refer to the key.
func (l *Taken) columns() string {
	names := make([]string, len(l.refs))
	for i, r := range l.refs {
		names[i] = pgtext.Ident(r.Column)
	}
	return strings.Join(names, ", ")
}

// ValueID is the link table's column that refers to a value.
func (l *Taken) ValueID() string { return sqltext.Name(singular(l.To), "id") }

// Match compares the link table's row with one of the table.
func (l *Taken) Match(link, row string) string {
	all := make([]string, len(l.refs))
	for i, r := range l.refs {
		all[i] = link + pgtext.Ident(r.Column) + " = " + row + pgtext.Ident(l.t.Key[i])
	}
	return strings.Join(all, " AND ")
}

// fits tests that the lists as they would be put together again have room.
func (l *Taken) fits() shared.FitCheck {
	t, k, w := l.t, sqltext.Unlike("k", l.t.Name), sqltext.Unlike("w", l.t.Name)
	return shared.FitCheck{
		T: t, Type: l.Col.Type, Shown: t.Row(""),
		Expression: "(SELECT " + l.again(strings.Replace(l.Values.Word(), "w.", w+".", 1), k+".position") + " FROM " + t.Beside(l.Link) + " AS " + k +
			" JOIN " + l.Values.As + " AS " + w + " ON " + w + "." + l.Values.ID + " = " + k + "." + pgtext.Ident(l.ValueID()) + " WHERE " + l.Match(k+".", pgtext.Ident(t.Name)+".") + ")",
		Says: " lists are too long for " + t.As + "." + pgtext.Ident(l.Col.Name),
		Hint: "Take values off those rows, or give the column more room.",
	}
}

// bareName reads the name of a new table, which comes to stand beside another.
func bareName(param, value string) (string, error) {
	names, ok := words.SplitName(value)
	if !ok || len(names) != 1 || len(names[0]) > 63 {
		return "", mistake.New(fmt.Sprintf("%s=%s is no name for a new table", param, value), "give it without a schema: it comes into that of the table")
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
