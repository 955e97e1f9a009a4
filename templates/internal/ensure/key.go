package ensure

import (
	"context"
	"fmt"
	"strings"

	"github.com/lib/pq"

	"rung/templates/internal/catalog"
	"rung/templates/internal/mistake"
	"rung/templates/internal/task"
)

// BatchKey is the table's BatchKey, where indexes give its order: also that of
// every partition and child, since a batch is one of the whole family.
func BatchKey(ctx context.Context, in *task.Input, t *catalog.Table) (string, error) {
	key, err := t.BatchKey()
	if err != nil || in.DB == nil {
		return key, err
	}
	without, err := in.DB.Strings(ctx, UnorderedSQL, t.OID, pq.Array(t.Key))
	if err != nil || len(without) == 0 {
		return key, err
	}
	return "", mistake.New(
		fmt.Sprintf("batches over %s go along (%s), and no index gives that order of %s", t.As, t.KeyList(), strings.Join(without, ", ")),
		"create a plain btree index over it first, on each of them",
	)
}

// UnorderedSQL lists, of a table ($1) and all that inherits from it, what has no
// index in the order of the columns ($2).
const UnorderedSQL = `
WITH RECURSIVE family (oid) AS (
    SELECT $1::oid
     UNION
    SELECT h.inhrelid FROM family AS f JOIN pg_catalog.pg_inherits AS h ON h.inhparent = f.oid
)
SELECT f.oid::regclass
  FROM family AS f
  JOIN pg_catalog.pg_class AS t ON t.oid = f.oid AND t.relkind = 'r'
 CROSS JOIN LATERAL (SELECT array_agg(a.attnum ORDER BY k.n) AS attnums
                       FROM unnest($2::text[]) WITH ORDINALITY AS k (name, n)
                       JOIN pg_catalog.pg_attribute AS a ON a.attrelid = f.oid AND a.attname = k.name) AS key
 WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_index AS i
                     JOIN pg_catalog.pg_class AS x ON x.oid = i.indexrelid
                     JOIN pg_catalog.pg_am AS m ON m.oid = x.relam
                    WHERE i.indrelid = f.oid
                      AND i.indisvalid
                      AND i.indpred IS NULL
                      AND m.amname = 'btree'
                      AND (i.indkey::int2[])[0:cardinality(key.attnums) - 1] = key.attnums
                      AND (SELECT count(DISTINCT o) = 1 FROM unnest((i.indoption::int2[])[0:cardinality(key.attnums) - 1]) AS o))
 ORDER BY 1`

// Referable reports whether a foreign key can refer to these columns.
func Referable(ctx context.Context, in *task.Input, t *catalog.Table, columns []string) (unique bool, err error) {
	err = in.DB.QueryRow(ctx, `
SELECT EXISTS (SELECT FROM pg_catalog.pg_index AS i
                WHERE i.indrelid = $1 AND i.indisunique AND i.indisvalid AND i.indimmediate AND i.indpred IS NULL AND i.indexprs IS NULL
                  AND (SELECT array_agg(a.attname::text ORDER BY a.attname)
                         FROM pg_catalog.pg_attribute AS a
                        WHERE a.attrelid = i.indrelid AND a.attnum = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1]))
                      = (SELECT array_agg(x ORDER BY x) FROM unnest($2::text[]::name[]::text[]) AS x))`, t.OID, pq.Array(columns)).Scan(&unique)
	return unique, err
}

// PrimaryKey are the columns of the primary key, however many.
func PrimaryKey(ctx context.Context, t *catalog.Table, in *task.Input) []string {
	if in.DB == nil {
		return nil
	}
	names, err := in.DB.Strings(ctx, `
SELECT a.attname
  FROM pg_catalog.pg_constraint AS c
 CROSS JOIN unnest(c.conkey) WITH ORDINALITY AS k (attnum, n)
  JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = k.attnum
 WHERE c.conrelid = $1 AND c.contype = 'p'
 ORDER BY k.n`, t.OID)
	if err != nil {
		return nil
	}
	return names
}

// TellsApart refuses a key that a person gave and several rows may have.
func TellsApart(ctx context.Context, in *task.Input, t *catalog.Table) error {
	if in.DB == nil || in.Params["key"] == "" {
		return nil
	}
	if ok, err := Referable(ctx, in, t, t.Key); err != nil || ok {
		return err
	}
	return mistake.New(fmt.Sprintf("key=%s: %s has no unique index over %s", in.Params["key"], t.As, t.KeyList()), "name other columns, best the primary key")
}
