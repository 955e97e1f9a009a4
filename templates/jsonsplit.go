package templates

import (
	"context"
	"fmt"
	"regexp"
	"strings"
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
	list, err := splitKeys(in.Params["keys"])
	if err != nil {
		return nil, err
	}
	var columns, keys []string
	for _, k := range list {
		if err := t.freeColumn(k.Column); err != nil {
			return nil, err
		}
		if has(columns, k.Column) {
			return nil, refusef("keys=%s has the column %s twice", in.Params["keys"], Ident(k.Column))
		}
		columns, keys = append(columns, k.Column), append(keys, k.Key)
	}
	if err := t.MayFollow(); err != nil {
		return nil, err
	}
	key, err := in.batchKey(ctx, t)
	if err != nil {
		return nil, err
	}
	in.unseen("whether %s is the primary key of %s, %s is jsonb, and no column has the name of a new one", t.KeyList(), t.As, Ident(in.Params["column"]))
	name := Name(t.Name, in.Params["column"], "split")
	check := Name(t.Name, in.Params["column"], "fits")
	if err := firstOf(in.free(ctx, t, name), in.freeConstraint(ctx, t, check)); err != nil {
		return nil, err
	}
	trigger, err := in.lastToFire(ctx, t, name)
	if err != nil {
		return nil, err
	}
	in.Sayf("%s: %s; in batches over %s, while a trigger takes new documents apart", t.As, in.about(t.Rows), key)
	in.Sayf("until the last file the document is what counts: write that one, and read either")
	in.Sayf("locks: ACCESS EXCLUSIVE on %s for a moment, a few times; the rows of one batch at a time", t.As)
	data := map[string]any{
		"t": t, "key": key, "list": list, "or": "", "skip": skip, "check": check, "function": t.Beside(name), "trigger": trigger,
		"takes_keys": takesKeys(Ident(in.Params["column"])), "new_takes_keys": takesKeys("NEW." + Ident(in.Params["column"])),
		"columns": join(columns, Ident), "keys": join(keys, Literal),
	}
	data["again"] = in.again(data)
	return data, nil
}

// takesKeys is the condition that a document is an object, or nothing yet.
func takesKeys(doc string) string {
	return "coalesce(jsonb_typeof(" + doc + "), 'null') IN ('object', 'null')"
}

// Back is the document with its key as the column has it.
func (k jsonKey) Back(doc, column string) string {
	key := Literal(k.Key)
	return "CASE\n    WHEN " + column + " IS NULL\n    THEN " + doc + " - " + key +
		"\n    ELSE coalesce(nullif(" + doc + ", 'null'), '{}') || jsonb_build_object(" + key + ", " + column + ")\nEND"
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
		return nil, refusef("%s.%s is a generated column", t.As, Ident(col.Name))
	case col.Type != "jsonb" && !t.offline:
		return nil, &Mistake{fmt.Sprintf("%s.%s is %s, not jsonb", t.As, Ident(col.Name), col.Type), "change it by --template change-type first"}
	}
	return t, nil
}

// jsonKey is a key and the column that it goes to.
type jsonKey struct{ Key, Column, Type string }

var oneKey = regexp.MustCompile(`^("(?:[^"]|"")+"|\S+)(?:\s+(?i:AS)\s+("(?:[^"]|"")+"|\S+))?\s+(\S.*)$`)

// splitKeys reads "dark_mode boolean, emailNotify AS email_notify boolean".
func splitKeys(list string) ([]jsonKey, error) {
	var all []jsonKey
	for _, part := range splitOutsideQuotes(list, ',') {
		m := oneKey.FindStringSubmatch(strings.TrimSpace(part))
		if m == nil {
			return nil, &Mistake{fmt.Sprintf("keys: %q is not a key and its type", strings.TrimSpace(part)), "write it like dark_mode boolean, or emailNotify AS email_notify boolean"}
		}
		k := jsonKey{Key: unquote(m[1]), Column: unquote(m[2]), Type: strings.ToLower(m[3])}
		if m[2] == "" {
			k.Column = k.Key
		}
		if t, ok := map[string]string{"int": "integer", "bool": "boolean", "decimal": "numeric"}[k.Type]; ok {
			k.Type = t
		}
		if _, ok := fits[k.Type]; !ok {
			return nil, unknown("type for a key, like", k.Type, []string{"boolean", "smallint", "integer", "bigint", "numeric", "text", "uuid", "jsonb"})
		}
		all = append(all, k)
	}
	return all, nil
}

// unquote takes the quotes off a key, which is never folded.
func unquote(s string) string {
	if len(s) > 1 && s[0] == '"' {
		return strings.ReplaceAll(s[1:len(s)-1], `""`, `"`)
	}
	return s
}

// fits is the test of a key ($v as JSON, $t as text) before the cast to a type.
var fits = map[string]string{
	"boolean":  "jsonb_typeof($v) = 'boolean'",
	"text":     "jsonb_typeof($v) = 'string'",
	"numeric":  "jsonb_typeof($v) = 'number'",
	"uuid":     "jsonb_typeof($v) = 'string' AND $t ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'",
	"jsonb":    "jsonb_typeof($v) <> 'null'",
	"smallint": "CASE jsonb_typeof($v) WHEN 'number' THEN ($t)::numeric % 1 = 0 AND ($t)::numeric BETWEEN -32768 AND 32767 END",
	"integer":  "CASE jsonb_typeof($v) WHEN 'number' THEN ($t)::numeric % 1 = 0 AND ($t)::numeric BETWEEN -2147483648 AND 2147483647 END",
	"bigint":   "CASE jsonb_typeof($v) WHEN 'number' THEN ($t)::numeric % 1 = 0 AND ($t)::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 END",
}

// Fits is the condition that the key in a document can become its column.
func (k jsonKey) Fits(doc string) string {
	key := Literal(k.Key)
	return strings.NewReplacer("$v", doc+" -> "+key, "$t", doc+" ->> "+key).Replace(fits[k.Type])
}

// Value is the column's value for a document.
func (k jsonKey) Value(doc string) string {
	then := "(" + doc + " ->> " + Literal(k.Key) + ")::" + k.Type
	switch k.Type {
	case "text":
		then = doc + " ->> " + Literal(k.Key)
	case "jsonb":
		then = doc + " -> " + Literal(k.Key)
	case "smallint", "integer", "bigint": // 12.0 is whole, and still no integer's text
		then = "(" + doc + " ->> " + Literal(k.Key) + ")::numeric::" + k.Type
	}
	return "CASE\n    WHEN " + k.Fits(doc) + "\n    THEN " + then + "\nEND"
}
