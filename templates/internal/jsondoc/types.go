package jsondoc

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"rung/internal/pgtext"
	"rung/templates/internal/catalog"
	"rung/templates/internal/mistake"
	"rung/templates/internal/sqltext"
	"rung/templates/internal/task"
)

// sameType are other names of types that a key can have.
var sameType = map[string]string{
	"int": "integer", "bool": "boolean", "decimal": "numeric", "double": "double precision", "float8": "double precision",
	"float": "double precision", "int2": "smallint", "int4": "integer", "int8": "bigint",
	"timestamp with time zone": "timestamptz", "timestamp without time zone": "timestamp", "int[]": "integer[]", "bool[]": "boolean[]",
}

// keyType is how a key becomes a column of a type: the test that it fits, and the value.
// $v is the key as JSON, $t as text. Loose is the test of a text that reads like a
// value, which lenient=true takes for one.
type keyType struct{ fits, value, loose string }

const (
	day = `(?!0000)[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])`
	// clock is a time of day, as in "T03:04:05.678".
	clock = `[T ](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:[.][0-9]+)?)?`
	zone  = `(?:Z|[+-](?:0[0-9]|1[0-4])(?::?[0-5][0-9])?)`
	// decimal is a number as text.
	decimal = `^\s*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,3})?\s*$`
	whole   = `^\s*[+-]?[0-9]{1,25}\s*$`
)

// inMonth tests a date that looks like one for a day that its month has. It is read as
// ISO 8601 writes it, whatever DateStyle says.
func inMonth(pattern string) string {
	return "CASE WHEN jsonb_typeof($v) = 'string' AND $t ~ '^" + pattern + "$' THEN substr($t, 9, 2)::int <= extract(day FROM (substr($t, 1, 7) || '-01')::date + interval '1 month - 1 day') END"
}

func between(low, high string) keyType {
	in := "% 1 = 0 AND ($t)::numeric BETWEEN " + low + " AND " + high
	return keyType{
		fits:  "CASE jsonb_typeof($v) WHEN 'number' THEN ($t)::numeric " + in + " END",
		value: "($t)::numeric::$type", // 12.0 is whole, and still no integer's text
		loose: "CASE WHEN $t ~ '" + whole + "' THEN ($t)::numeric " + in + " END",
	}
}

func float(most string) keyType {
	return keyType{
		fits:  "CASE jsonb_typeof($v) WHEN 'number' THEN abs(($t)::numeric) < " + most + " END",
		value: "($t)::$type",
		loose: "CASE WHEN $t ~ '" + decimal + "' THEN abs(($t)::numeric) < " + most + " END",
	}
}

// arrayOfType is an array of values that pass a test of SQL/JSON, or are null.
func arrayOfType(fails, element string) keyType {
	return keyType{
		fits:  "CASE jsonb_typeof($v) WHEN 'array' THEN NOT jsonb_path_exists($v, 'strict $[*] ? (@.type() <> \"null\" && (" + fails + "))') END",
		value: "ARRAY(SELECT e.item" + element + " FROM jsonb_array_elements_text($v) WITH ORDINALITY AS e (item, n) ORDER BY e.n)",
	}
}

var keyTypes = map[string]keyType{
	"boolean": {
		"jsonb_typeof($v) = 'boolean'", "($t)::boolean",
		"lower(btrim($t)) IN ('true', 'false', 't', 'f', 'yes', 'no', 'y', 'n', 'on', 'off', '1', '0')",
	},
	"text":             {"jsonb_typeof($v) = 'string'", "$t", "jsonb_typeof($v) <> 'null'"},
	"numeric":          {"jsonb_typeof($v) = 'number'", "($t)::numeric", "$t ~ '" + decimal + "'"},
	"uuid":             {"jsonb_typeof($v) = 'string' AND $t ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'", "($t)::uuid", "btrim($t) ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'"},
	"jsonb":            {"jsonb_typeof($v) <> 'null'", "$v", ""},
	"smallint":         between("-32768", "32767"),
	"integer":          between("-2147483648", "2147483647"),
	"bigint":           between("-9223372036854775808", "9223372036854775807"),
	"real":             float("3e38"),
	"double precision": float("1.7e308"),
	"date":             {inMonth(day), "($t)::date", ""},
	"timestamp":        {inMonth(day + clock), "($t)::timestamp", ""},
	"timestamptz":      {inMonth(day + clock + zone), "($t)::timestamptz", ""},
	"text[]":           arrayOfType(`@.type() <> "string"`, ""),
	"boolean[]":        arrayOfType(`@.type() <> "boolean"`, "::boolean"),
	"numeric[]":        arrayOfType(`@.type() <> "number"`, "::numeric"),
	"integer[]":        arrayOfType(`@.type() <> "number" || @ <> @.floor() || @ < -2147483648 || @ > 2147483647`, "::numeric::integer"),
	"bigint[]":         arrayOfType(`@.type() <> "number" || @ <> @.floor() || @ < -9223372036854775808 || @ > 9223372036854775807`, "::numeric::bigint"),
}

// enumOfKey is the enum type that a key is to have.
func enumOfKey(ctx context.Context, in *task.Input, name string) (full string, values []string, err error) {
	known := slices.Sorted(maps.Keys(keyTypes))
	if in.DB == nil {
		return "", nil, mistake.Unknown("type for a key, like", name, known)
	}
	var is bool
	oid, err := in.DB.UsualType(ctx, name)
	if err == nil {
		err = in.DB.QueryRow(ctx, catalog.SQL("type_is_enum"), oid).Scan(&is)
	}
	if err != nil && !catalog.NoName(err) {
		return "", nil, err
	}
	if !is {
		return "", nil, mistake.Unknown("type for a key, like", name, known)
	}
	e, err := in.DB.Enum(ctx, name)
	if err != nil {
		return "", nil, err
	}
	return e.Full, e.Values, nil
}

// how is the type's test and value; an enum's is a list of its values.
func (k JsonKey) how() keyType {
	if k.values == nil {
		return keyTypes[k.Type]
	}
	return keyType{fits: "jsonb_typeof($v) = 'string' AND $t IN (" + sqltext.Join(k.values, sqltext.EnumValue) + ")", value: "($t)::" + k.Type}
}

func (k JsonKey) fill(text, doc string) string {
	return strings.NewReplacer("$v", k.At(doc), "$type", k.Type, "$t", k.Text(doc)).Replace(text)
}

// Fits is the condition that the key in a document can become its column.
func (k JsonKey) Fits(doc string) string {
	how := k.how()
	if k.lenient && how.loose != "" {
		return k.fill(how.loose, doc)
	}
	return k.fill(how.fits, doc)
}

// Value is the column's value for a document.
func (k JsonKey) Value(doc string) string {
	return fmt.Sprintf("CASE\n    WHEN %s\n    THEN %s\nEND", k.Fits(doc), k.fill(k.how().value, doc))
}

// Immutable reports whether Value has only functions that are, and no subquery.
func (k JsonKey) Immutable() bool {
	return k.values == nil && !strings.HasSuffix(k.Type, "[]") && k.Type != "date" && !strings.HasPrefix(k.Type, "timestamp")
}

// JSON is a column's value as it stands in a document: of a time in the form that
// every program reads, and whatever the session's TimeZone.
func (k JsonKey) JSON(column string) string {
	if k.Type == "timestamptz" {
		return "to_char(" + column + " AT TIME ZONE 'UTC', " + pgtext.Literal(`YYYY-MM-DD"T"HH24:MI:SS.US"Z"`) + ")"
	}
	return column
}
