package proof

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/lib/pq"

	"rung/internal/lazyre"
	"rung/internal/pgtext"
)

// SchemaSums reads a whole database once and returns, by name, what stands for what is
// in each of some schemas: two that hold the same have the same, although every name of
// an object has the schema in front. Hidden are the schemas that are left out. It
// keeps no more than a sum for each.
func SchemaSums(ctx context.Context, conn pq.Config, hidden, names []string) (map[string]string, error) {
	sums, quoted := map[string]*[sha256.Size]byte{}, map[string]string{}
	for _, name := range names {
		sums[name], quoted[pgtext.Ident(name)] = new([sha256.Size]byte), name
	}
	err := readScoped(ctx, conn, hidden, quoted, func(schema string, o object) {
		for i, b := range sha256.Sum256(fmt.Appendf(nil, "%q %q", o.key(), o.definition)) { // in any order
			sums[schema][i] ^= b
		}
	})
	all := map[string]string{}
	for name, sum := range sums {
		all[name] = hex.EncodeToString(sum[:16])
	}
	return all, err
}

// ReadSchemaNamed reads what is in one schema, with names that lack it.
func ReadSchemaNamed(ctx context.Context, conn pq.Config, hidden []string, name string) (*Schema, error) {
	s := &Schema{objects: fingerprint{}}
	err := readScoped(ctx, conn, hidden, map[string]string{pgtext.Ident(name): name}, func(_ string, o object) { s.objects[o.key()] = o })
	return s, err
}

// readScoped hands each object of some schemas on, and of which it is. They are known
// by their names as SQL.
func readScoped(ctx context.Context, conn pq.Config, hidden []string, schemas map[string]string, each func(schema string, o object)) error {
	return inCatalog(ctx, conn, hidden, func(rows *sql.Rows) error {
		return eachObject(rows, func(o object) {
			if quoted := o.schema(schemas); quoted != "" {
				each(schemas[quoted], o.without(quoted))
			}
		})
	})
}

// named finds the names that have another one behind them, as SQL.
var named = lazyre.New(`("(?:[^"]|"")*"|[A-Za-z_][\w$]*)\.`)

// schema is the one of some that an object is in, as SQL, or "".
func (o object) schema(schemas map[string]string) string {
	if o.kind == "schema" {
		if _, is := schemas[o.name]; is {
			return o.name
		}
	}
	for _, text := range []string{o.name, o.parent} {
		for _, m := range named.FindAllStringSubmatch(text, -1) {
			if _, is := schemas[m[1]]; is {
				return m[1]
			}
		}
	}
	if quoted, is := strings.CutPrefix(o.parent, "schema "); is {
		if _, is := schemas[quoted]; is {
			return quoted
		}
	}
	return ""
}

// without is an object as it is without its schema's name, wherever that stands; an
// owner of the schema's name is each schema's own too.
func (o object) without(quoted string) object {
	o.name, o.definition = cut(o.name, quoted), cut(o.definition, strings.ReplaceAll(quoted, `"`, `\"`))
	if o.kind == "schema" {
		o.name = "the schema"
	}
	if o.parent == "schema "+quoted { // a grant on it names it
		o.name, o.parent = strings.Replace(o.name, " on "+quoted+" ", " on the schema ", 1), "schema"
	}
	o.parent = cut(o.parent, quoted)
	o.definition = strings.ReplaceAll(o.definition, `"owner": "`+strings.Trim(quoted, `"`)+`"`, `"owner": "the schema"`)
	return o
}

// plain finds the names without quotes that have another one behind them.
var plain = lazyre.New(`[A-Za-z_][\w$]*\.`)

// cut takes a schema's name out of a text wherever another name follows.
func cut(text, schema string) string {
	if strings.Contains(schema, `"`) { // its quotes part it from what is before
		return strings.ReplaceAll(text, schema+".", "")
	}
	return plain.ReplaceAllStringFunc(text, func(m string) string {
		if m == schema+"." {
			return ""
		}
		return m
	})
}
