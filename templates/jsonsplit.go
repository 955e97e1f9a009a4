package templates

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"rung/internal/pgtext"
)

func lookJSONSplit(ctx context.Context, in *Input) (map[string]any, error) {
	t, err := in.jsonTable(ctx)
	if err != nil {
		return nil, err
	}
	skip, err := in.flag("skip")
	if err != nil {
		return nil, err
	}
	lenient, err := in.flag("lenient")
	if err != nil {
		return nil, err
	}
	skip = skip || lenient
	list, err := in.splitKeys(ctx, lenient)
	if err != nil {
		return nil, err
	}
	var columns, keys []string
	for _, k := range list {
		if err := t.freeColumn(k.Column); err != nil {
			return nil, err
		}
		if has(columns, k.Column) {
			return nil, refusef("keys=%s has the column %s twice", in.Params["keys"], pgtext.Ident(k.Column))
		}
		columns = append(columns, k.Column)
		if !has(keys, k.Path[0]) {
			keys = append(keys, k.Path[0])
		}
	}
	if err := t.MayFollow(); err != nil {
		return nil, err
	}
	direct, err := in.way(ctx, t, updates)
	if err != nil {
		return nil, err
	}
	key := ""
	if !direct {
		if key, err = in.batchKey(ctx, t); err != nil {
			return nil, err
		}
	}
	in.unseen("whether %s is the primary key of %s, %s is jsonb, and no column has the name of a new one", t.KeyList(), t.As, pgtext.Ident(in.Params["column"]))
	name := Name(t.Name, in.Params["column"], "split")
	check := Name(t.Name, in.Params["column"], "fits")
	if err := firstOf(in.free(ctx, t, name), in.freeConstraint(ctx, t, check)); err != nil {
		return nil, err
	}
	trigger, err := in.lastToFire(ctx, t, name)
	if err != nil {
		return nil, err
	}
	if !direct {
		in.Sayf("%s: %s; in batches over %s, while a trigger takes new documents apart", t.As, in.about(t.Rows), key)
		in.Sayf("until the last file the document is what counts: write that one, and read either")
		in.Sayf("locks: ACCESS EXCLUSIVE on %s for a moment, a few times; the rows of one batch at a time", t.As)
	}
	data := map[string]any{
		"t": t, "key": key, "list": list, "or": "", "skip": skip, "check": check, "function": t.Beside(name), "trigger": trigger,
		"takes_keys": takesKeys(pgtext.Ident(in.Params["column"]), list), "new_takes_keys": takesKeys("NEW."+pgtext.Ident(in.Params["column"]), list),
		"columns": join(columns, pgtext.Ident), "keys": join(keys, pgtext.Literal),
	}
	data["again"] = in.again(data)
	if data["direct"] = direct; direct {
		small := in.small(t, updates, "ACCESS EXCLUSIVE", "")
		data["small"] = small
		return data, in.sayDirect(ctx, small, columns[0], "from then on the columns are what counts: what is written to the document does not reach them, so deploy the code that writes the columns with it")
	}
	return data, firstOf(in.sayFired(ctx, t, columns[0]), in.sayPublished(ctx, "a column", t.OID))
}

// takesKeys is the condition that a document, and what is on the way to its keys, is an
// object, or nothing yet.
func takesKeys(doc string, list []jsonKey) string {
	wanted := []string{doc}
	for _, k := range list {
		for n := 1; n < len(k.Path); n++ {
			if at := (jsonKey{Path: k.Path[:n]}).At(doc); !has(wanted, at) {
				wanted = append(wanted, at)
			}
		}
	}
	return joinBy(wanted, " AND ", func(at string) string { return "coalesce(jsonb_typeof(" + at + "), 'null') IN ('object', 'null')" })
}

// At is the key's value in a document, and Text the same as text.
func (k jsonKey) At(doc string) string   { return k.get(doc, "->", "#>") }
func (k jsonKey) Text(doc string) string { return k.get(doc, "->>", "#>>") }

func (k jsonKey) get(doc, one, several string) string {
	if len(k.Path) == 1 {
		return doc + " " + one + " " + pgtext.Literal(k.Path[0])
	}
	return doc + " " + several + " " + textArray(k.Path)
}

// Name is the key for messages.
func (k jsonKey) Name() string { return strings.Join(k.Path, ".") }

// Back is the document with its key as the column has it.
func (k jsonKey) Back(doc, column string) string {
	without := doc + " - " + pgtext.Literal(k.Path[0])
	if len(k.Path) > 1 {
		without = doc + " #- " + textArray(k.Path)
	}
	value := k.JSON(column)
	for n := len(k.Path) - 1; n >= 0; n-- {
		inside := doc
		if n > 0 {
			inside = (jsonKey{Path: k.Path[:n]}).At(doc)
		}
		value = "coalesce(nullif(" + inside + ", 'null'), '{}') || jsonb_build_object(" + pgtext.Literal(k.Path[n]) + ", " + value + ")"
	}
	return "CASE\n    WHEN " + column + " IS NULL\n    THEN " + without + "\n    ELSE " + value + "\nEND"
}

// jsonTable looks up the table and checks that the column is jsonb.
func (in *Input) jsonTable(ctx context.Context) (*Table, error) {
	t, err := in.table(ctx)
	if err != nil {
		return nil, err
	}
	if err := firstOf(t.keyFrom(in.Params["key"]), in.tellsApart(ctx, t)); err != nil {
		return nil, err
	}
	col, err := t.Column(in.Params["column"])
	switch {
	case err != nil:
		return nil, err
	case col.Generated:
		return nil, refusef("%s.%s is a generated column", t.As, pgtext.Ident(col.Name))
	case col.Type != "jsonb" && !t.offline:
		return nil, &Mistake{fmt.Sprintf("%s.%s is %s, not jsonb", t.As, pgtext.Ident(col.Name), col.Type), "change it by --template change-type first"}
	}
	return t, nil
}

// jsonKey is a key, below the objects that its path names, and the column that it goes to.
type jsonKey struct {
	Path         []string
	Column, Type string
	// labels are the values of an enum type.
	labels []string
	// lenient is true where a text that reads like a value is one.
	lenient bool
}

var oneKey = regexp.MustCompile(`^((?:"(?:[^"]|"")+"|[^\s"])+)(?:\s+(?i:AS)\s+("(?:[^"]|"")+"|\S+))?\s+(\S.*)$`)

// splitKeys reads the parameter keys: "dark_mode boolean, emailNotify AS email_notify boolean"; a dot goes
// into an object, and stands in quotes where it is part of a key.
func (in *Input) splitKeys(ctx context.Context, lenient bool) ([]jsonKey, error) {
	var all []jsonKey
	for _, part := range pgtext.SplitOutsideQuotes(in.Params["keys"], ",") {
		m := oneKey.FindStringSubmatch(strings.TrimSpace(part))
		if m == nil {
			return nil, &Mistake{fmt.Sprintf("keys: %q is not a key and its type", strings.TrimSpace(part)), "write it like dark_mode boolean, or emailNotify AS email_notify boolean"}
		}
		path, err := keyPath(m[1])
		if err != nil {
			return nil, err
		}
		k := jsonKey{Path: path, Column: unquote(m[2]), Type: strings.ToLower(m[3]), lenient: lenient}
		if m[2] == "" {
			k.Column = path[len(path)-1]
		}
		if t, ok := sameType[k.Type]; ok {
			k.Type = t
		}
		if _, ok := keyTypes[k.Type]; !ok {
			if k.Type, k.labels, err = in.enumOfKey(ctx, m[3]); err != nil {
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
			return nil, refusef("keys=%s: a column cannot hold what each object of an array has", key)
		}
		if part = unquote(part); part == "" {
			return nil, &Mistake{fmt.Sprintf("keys: %q is no path to a key", key), `write it like notifications.email, and "a.b" for one key with a dot in it`}
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
