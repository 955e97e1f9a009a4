// Package jsondoc changes JSON documents: json-rename-key, json-split.
package jsondoc

import (
	"context"
	"fmt"
	"strings"

	"rung/internal/lazyre"
	"rung/internal/pgtext"
	"rung/templates/internal/catalog"
	"rung/templates/internal/ensure"
	"rung/templates/internal/mistake"
	"rung/templates/internal/notice"
	"rung/templates/internal/sqltext"
	"rung/templates/internal/task"
	"rung/templates/internal/way"
)

// splitUp is what sql/json-split.sql sees.
type splitUp struct {
	T                        *catalog.Table
	Key, Or                  string
	List                     []JsonKey
	Skip, Direct             bool
	Check, Function, Trigger string
	TakesKeys, NewTakesKeys  string
	Columns, Keys            string
	Small                    way.SmallTable
	// Again is all of it for what may be there already.
	Again map[string]any
}

// Split makes columns of the keys of JSON documents.
func Split(ctx context.Context, in *task.Input) (any, error) {
	t, err := jsonTable(ctx, in)
	if err != nil {
		return nil, err
	}
	skip, err := in.Flag("skip")
	if err != nil {
		return nil, err
	}
	lenient, err := in.Flag("lenient")
	if err != nil {
		return nil, err
	}
	skip = skip || lenient
	list, err := SplitKeys(ctx, in, lenient)
	if err != nil {
		return nil, err
	}
	var columns, keys []string
	for _, k := range list {
		if err := t.FreeColumn(k.Column); err != nil {
			return nil, err
		}
		if sqltext.Has(columns, k.Column) {
			return nil, mistake.Refusef("keys=%s has the column %s twice", in.Params["keys"], pgtext.Ident(k.Column))
		}
		columns = append(columns, k.Column)
		if !sqltext.Has(keys, k.Path[0]) {
			keys = append(keys, k.Path[0])
		}
	}
	if err := t.MayFollow(); err != nil {
		return nil, err
	}
	direct, err := way.Choose(ctx, in, t, way.Updates)
	if err != nil {
		return nil, err
	}
	key := ""
	if !direct {
		if key, err = ensure.BatchKey(ctx, in, t); err != nil {
			return nil, err
		}
	}
	in.NotLookedAt("whether %s is the primary key of %s, %s is jsonb, and no column has the name of a new one", t.KeyList(), t.As, pgtext.Ident(in.Params["column"]))
	name := sqltext.Name(t.Name, in.Params["column"], "split")
	check := sqltext.Name(t.Name, in.Params["column"], "fits")
	if err := mistake.FirstOf(ensure.Free(ctx, in, t, name), ensure.FreeConstraint(ctx, in, t, check)); err != nil {
		return nil, err
	}
	trigger, err := ensure.LastToFire(ctx, in, t, name)
	if err != nil {
		return nil, err
	}
	if !direct {
		in.Sayf("%s: %s; in batches over %s, while a trigger takes new documents apart", t.As, in.About(t.Rows), key)
		in.Sayf("until the last file the document is what counts: write that one, and read either")
		in.Sayf("locks: ACCESS EXCLUSIVE on %s for a moment, a few times; the rows of one batch at a time", t.As)
	}
	data := splitUp{
		T: t, Key: key, List: list, Skip: skip, Check: check, Function: t.Beside(name), Trigger: trigger,
		TakesKeys: TakesKeys(pgtext.Ident(in.Params["column"]), list), NewTakesKeys: TakesKeys("NEW."+pgtext.Ident(in.Params["column"]), list),
		Columns: sqltext.Join(columns, pgtext.Ident), Keys: sqltext.Join(keys, pgtext.Literal),
	}
	data.Again = task.Again(in, data)
	if data.Direct = direct; direct {
		data.Small = way.Small(in, t, way.Updates, "ACCESS EXCLUSIVE", "")
		return data, way.SayDirect(ctx, in, data.Small, columns[0], "from then on the columns are what counts: what is written to the document does not reach them, so deploy the code that writes the columns with it")
	}
	return data, mistake.FirstOf(notice.Fired(ctx, in, t, columns[0]), notice.Published(ctx, in, "a column", t.OID))
}

// TakesKeys is the condition that a document, and what is on the way to its keys, is an
// object, or nothing yet.
func TakesKeys(doc string, list []JsonKey) string {
	wanted := []string{doc}
	for _, k := range list {
		for n := 1; n < len(k.Path); n++ {
			if at := (JsonKey{Path: k.Path[:n]}).At(doc); !sqltext.Has(wanted, at) {
				wanted = append(wanted, at)
			}
		}
	}
	return sqltext.JoinBy(wanted, " AND ", func(at string) string { return "coalesce(jsonb_typeof(" + at + "), 'null') IN ('object', 'null')" })
}

// JsonKey is a key, below the objects that its path names, and the column that it goes to.
type JsonKey struct {
	Path         []string
	Column, Type string
	// values are the values of an enum type.
	values []string
	// lenient is true where a text that reads like a value is one.
	lenient bool
}

// At is the key's value in a document, and Text the same as text.
func (k JsonKey) At(doc string) string { return k.get(doc, "->", "#>") }

func (k JsonKey) Text(doc string) string { return k.get(doc, "->>", "#>>") }

func (k JsonKey) get(doc, one, several string) string {
	if len(k.Path) == 1 {
		return doc + " " + one + " " + pgtext.Literal(k.Path[0])
	}
	return doc + " " + several + " " + sqltext.TextArray(k.Path)
}

// Name is the key for messages.
func (k JsonKey) Name() string { return strings.Join(k.Path, ".") }

// Back is the document with its key as the column has it.
func (k JsonKey) Back(doc, column string) string {
	without := doc + " - " + pgtext.Literal(k.Path[0])
	if len(k.Path) > 1 {
		without = doc + " #- " + sqltext.TextArray(k.Path)
	}
	value := k.JSON(column)
	for n := len(k.Path) - 1; n >= 0; n-- {
		inside := doc
		if n > 0 {
			inside = (JsonKey{Path: k.Path[:n]}).At(doc)
		}
		value = "coalesce(nullif(" + inside + ", 'null'), '{}') || jsonb_build_object(" + pgtext.Literal(k.Path[n]) + ", " + value + ")"
	}
	return "CASE\n    WHEN " + column + " IS NULL\n    THEN " + without + "\n    ELSE " + value + "\nEND"
}

// jsonTable looks up the table and checks that the column is jsonb.
func jsonTable(ctx context.Context, in *task.Input) (*catalog.Table, error) {
	t, err := in.Table(ctx)
	if err != nil {
		return nil, err
	}
	if err := mistake.FirstOf(t.KeyFrom(in.Params["key"]), ensure.TellsApart(ctx, in, t)); err != nil {
		return nil, err
	}
	col, err := t.Column(in.Params["column"])
	switch {
	case err != nil:
		return nil, err
	case col.Generated:
		return nil, mistake.Refusef("%s.%s is a generated column", t.As, pgtext.Ident(col.Name))
	case col.Type != "jsonb" && !t.Offline:
		return nil, mistake.New(fmt.Sprintf("%s.%s is %s, not jsonb", t.As, pgtext.Ident(col.Name), col.Type), "change it by --template change-type first")
	}
	return t, nil
}

var oneKey = lazyre.New(`^((?:"(?:[^"]|"")+"|[^\s"])+)(?:\s+(?i:AS)\s+("(?:[^"]|"")+"|\S+))?\s+(\S.*)$`)

// SplitKeys reads the parameter keys: "dark_mode boolean, emailNotify AS email_notify boolean"; a dot goes
// into an object, and stands in quotes where it is part of a key.
func SplitKeys(ctx context.Context, in *task.Input, lenient bool) ([]JsonKey, error) {
	var all []JsonKey
	for _, part := range pgtext.SplitOutsideQuotes(in.Params["keys"], ",") {
		m := oneKey.FindStringSubmatch(strings.TrimSpace(part))
		if m == nil {
			return nil, mistake.New(fmt.Sprintf("keys: %q is not a key and its type", strings.TrimSpace(part)), "write it like dark_mode boolean, or emailNotify AS email_notify boolean")
		}
		path, err := keyPath(m[1])
		if err != nil {
			return nil, err
		}
		k := JsonKey{Path: path, Column: unquote(m[2]), Type: strings.ToLower(m[3]), lenient: lenient}
		if m[2] == "" {
			k.Column = path[len(path)-1]
		}
		if t, ok := sameType[k.Type]; ok {
			k.Type = t
		}
		if _, ok := keyTypes[k.Type]; !ok {
			if k.Type, k.values, err = enumOfKey(ctx, in, m[3]); err != nil {
				return nil, err
			}
		}
		all = append(all, k)
	}
	return all, nil
}

// keyPath reads a.b, or "a.b" for a key with a dot.
func keyPath(key string) (path []string, err error) {
	for _, part := range pgtext.SplitOutsideQuotes(key, ".") {
		if strings.HasSuffix(part, "[]") {
			return nil, mistake.Refusef("keys=%s: a column cannot hold what each object of an array has", key)
		}
		if part = unquote(part); part == "" {
			return nil, mistake.New(fmt.Sprintf("keys: %q is no path to a key", key), `write it like notifications.email, and "a.b" for one key with a dot in it`)
		}
		path = append(path, part)
	}
	return path, nil
}

// unquote takes the quotes off a key, which is never folded.
func unquote(s string) string {
	if len(s) > 1 && s[0] == '"' {
		return strings.ReplaceAll(s[1:len(s)-1], `""`, `"`)
	}
	return s
}
