package column

import (
	"context"
	"database/sql"
	"fmt"

	"rung/internal/pgtext"
	"rung/templates/internal/catalog"
	"rung/templates/internal/mistake"
	"rung/templates/internal/sqltext"
	"rung/templates/internal/task"
)

// readers are what asks for the time and is left as it is. The triggers keep that
// right, but one day the time is to go: a person changes these once the flag is there.
func readers(ctx context.Context, in *task.Input, t *catalog.Table, column string) ([]string, error) {
	all, err := in.DB.Strings(ctx, ReadersSQL, t.OID, column)
	for i := range all {
		all[i] = sqltext.Control.ReplaceAllString(all[i], " ") // each is a line of a comment
	}
	return all, err
}

// Of functions, those in which the column's name stands, as far as they are the
// table's triggers or name it too.
const ReadersSQL = `
SELECT CASE WHEN r.rulename = '_RETURN' THEN pg_catalog.pg_describe_object('pg_catalog.pg_class'::regclass, r.ev_class, 0)
            WHEN f.oid IS NOT NULL THEN pg_catalog.pg_describe_object('pg_catalog.pg_class'::regclass, f.adrelid, f.adnum)
            ELSE pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid) END AS reader
  FROM pg_catalog.pg_attribute AS a
  JOIN pg_catalog.pg_depend AS d ON d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum
  LEFT JOIN pg_catalog.pg_rewrite AS r ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND r.oid = d.objid
  LEFT JOIN pg_catalog.pg_class AS c ON d.classid = 'pg_catalog.pg_class'::regclass AND c.oid = d.objid
  LEFT JOIN pg_catalog.pg_attrdef AS f ON d.classid = 'pg_catalog.pg_attrdef'::regclass AND f.oid = d.objid
 WHERE a.attrelid = $1 AND a.attname = $2
   AND d.classid <> 'pg_catalog.pg_statistic_ext'::regclass
   AND coalesce(c.relkind NOT IN ('i', 'I', 'S'), true)
   AND f.adnum IS DISTINCT FROM a.attnum
 UNION
SELECT 'function ' || p.oid::regprocedure || ', whose text has the name'
  FROM pg_catalog.pg_proc AS p
  JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
  JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang
 CROSS JOIN (SELECT '(^|\W)' || regexp_replace($2::text, '(\W)', '\\\1', 'g') || '($|\W)' AS has_column,
                    '(^|\W)' || regexp_replace(relname, '(\W)', '\\\1', 'g') || '($|\W)' AS has_table
               FROM pg_catalog.pg_class WHERE oid = $1) AS name
 WHERE l.lanname NOT IN ('internal', 'c')
   AND n.nspname NOT LIKE 'pg\_%' AND n.nspname NOT IN ('information_schema', 'rung')
   AND p.prosrc ~* name.has_column
   AND (p.prosrc ~* name.has_table OR EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgfoid = p.oid AND g.tgrelid = $1))
 ORDER BY 1`

// blocker is an index that keeps rows out by the time.
type blocker struct {
	name    string
	exclude bool
}

// blockersSQL finds them. One with the column in its key blocks nothing where
// it tells NULLs apart: to it those are all different. A partition may have one
// of its own.
const blockersSQL = `
SELECT c.relname, i.indisexclusion
  FROM pg_catalog.pg_index AS i
  JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
  JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attname = $2
 CROSS JOIN LATERAL (SELECT a.attnum = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1]) AS key, a.attnum = ANY (i.indkey::int2[]) AS column,
                            EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                                     WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = i.indexrelid
                                       AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = i.indrelid AND d.refobjsubid = a.attnum) AS any) AS has
 WHERE (i.indrelid = $1 OR i.indrelid IN (SELECT relid FROM pg_catalog.pg_partition_tree($1::oid::regclass)) AND NOT c.relispartition)
   AND (i.indisexclusion AND (has.key OR has.any)
        OR i.indisunique AND i.indpred IS NULL
           AND (has.any AND NOT has.column OR has.key AND coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false)))
 ORDER BY c.relname`

// mayStay refuses the indexes that no index with the flag can stand for: they would
// go with the time.
func mayStay(ctx context.Context, in *task.Input, t *catalog.Table, column, flag string) error {
	all, err := catalog.List(ctx, in.DB, func(rows *sql.Rows) (b blocker, err error) {
		err = rows.Scan(&b.name, &b.exclude)
		return b, err
	}, blockersSQL, t.OID, column)
	if err != nil || len(all) == 0 {
		return err
	}
	if name := pgtext.Ident(all[0].name); all[0].exclude {
		return mistake.New(
			fmt.Sprintf("the exclusion constraint %s of %s asks for %s, and cannot be built again beside writes", name, t.As, pgtext.Ident(column)),
			fmt.Sprintf("drop it in a migration before, and add one with WHERE (NOT %s) after the last file", pgtext.Ident(flag)),
		)
	}
	return mistake.New(
		fmt.Sprintf("the unique index %s has %s in its key, and one with the flag there would let a key be deleted only once", pgtext.Ident(all[0].name), pgtext.Ident(column)),
		fmt.Sprintf("change it before to one over the other columns WHERE %s IS NULL, which gets a replacement with the flag", pgtext.Ident(column)),
	)
}
