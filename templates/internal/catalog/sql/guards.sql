-- What may refuse a row once a column ($2) of a table ($1), or of those that
-- have it from there, bears another value: CHECKs (alone, where they ask for no
-- other column), unique indexes, policies, views that check, and what cannot be tried on the rows.
WITH RECURSIVE :family,
known AS (
    SELECT f.oid, a.attnum, pg_catalog.format('%I.%I', n.nspname, c.relname) AS name,
           ARRAY(SELECT o.attname::text
                   FROM pg_catalog.pg_attribute AS o
                  WHERE o.attrelid = f.oid AND o.attnum > 0 AND NOT o.attisdropped
                  ORDER BY o.attnum) AS columns,
           ARRAY(SELECT g.attnum -- generated columns that read it; a whole row does too
                   FROM pg_catalog.pg_attribute AS g
                   JOIN pg_catalog.pg_attrdef AS x ON x.adrelid = g.attrelid AND x.adnum = g.attnum
                   JOIN pg_catalog.pg_depend AS d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = f.oid AND d.refobjsubid = a.attnum
                    AND (d.classid = 'pg_attrdef'::regclass AND d.objid = x.oid
                         OR d.classid = 'pg_class'::regclass AND d.objid = g.attrelid AND d.objsubid = g.attnum)
                  WHERE g.attrelid = f.oid AND g.attgenerated <> '') || 0::int2 AS derived
      FROM family AS f
      JOIN pg_catalog.pg_class AS c ON c.oid = f.oid
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
      JOIN pg_catalog.pg_attribute AS a ON a.attrelid = f.oid AND a.attname = $2
),
held AS ( -- indexes that keep rows out, with the columns that they ask for
    SELECT i.*, k.name, k.attnum, k.columns, k.derived,
           i.indkey::int2[] || ARRAY(SELECT d.refobjsubid::int2
                                       FROM pg_catalog.pg_depend AS d
                                      WHERE d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid
                                        AND d.refclassid = 'pg_class'::regclass AND d.refobjid = i.indrelid AND d.refobjsubid > 0) AS asks
      FROM known AS k
      JOIN pg_catalog.pg_index AS i ON i.indrelid = k.oid AND (i.indisunique OR i.indisexclusion)
     WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_inherits AS h WHERE h.inhrelid = i.indexrelid)
)
SELECT CASE WHEN c.conkey && k.derived THEN 'cannot' WHEN c.conkey = ARRAY[k.attnum] THEN 'alone' ELSE 'check' END AS kind,
       pg_catalog.format('CHECK %I of %s', c.conname, k.name) AS what, k.name, k.columns, '{}'::text[], false,
       pg_catalog.pg_get_expr(c.conbin, c.conrelid)
  FROM known AS k
  JOIN pg_catalog.pg_constraint AS c ON c.conrelid = k.oid AND c.contype = 'c' AND c.coninhcount = 0 AND c.conkey && (k.derived || k.attnum)
 WHERE coalesce((pg_catalog.to_jsonb(c) ->> 'conenforced')::boolean, true)
 UNION ALL
SELECT CASE WHEN h.indisexclusion OR h.asks && array_remove(h.derived, 0::int2) THEN 'cannot' ELSE 'unique' END,
       pg_catalog.format('%s %s', CASE WHEN h.indisexclusion THEN 'exclusion constraint' ELSE 'unique index' END, h.indexrelid::regclass), h.name, h.columns,
       ARRAY(SELECT '(' || pg_catalog.pg_get_indexdef(h.indexrelid, place, false) || ')'
               FROM generate_series(1, h.indnkeyatts) AS place
              ORDER BY place),
       coalesce((pg_catalog.to_jsonb(h) ->> 'indnullsnotdistinct')::boolean, false),
       coalesce(pg_catalog.pg_get_expr(h.indpred, h.indrelid), 'true')
  FROM held AS h
 WHERE h.asks && (array_remove(h.derived, 0::int2) || h.attnum)
   AND NOT EXISTS (SELECT -- with the whole primary key in it, no two rows are alike
                     FROM pg_catalog.pg_index AS p
                    WHERE p.indrelid = h.indrelid AND p.indisprimary AND h.indisunique
                      AND p.indkey::int2[] <@ (h.indkey::int2[])[0:h.indnkeyatts - 1]
                      AND NOT h.attnum = ANY (p.indkey::int2[]))
 UNION ALL
SELECT 'cannot', pg_catalog.format('foreign key %I of %s', c.conname, c.conrelid::regclass), '', '{}', '{}', false, ''
  FROM known AS k
  JOIN pg_catalog.pg_constraint AS c ON c.contype = 'f' AND c.conparentid = 0
   AND (c.conrelid = k.oid AND c.conkey && (k.derived || k.attnum) OR c.confrelid = k.oid AND c.confkey && (k.derived || k.attnum))
 UNION
SELECT 'policy', pg_catalog.format('policy %I of %s', p.polname, k.name), '', '{}', '{}', false, ''
  FROM known AS k
  JOIN pg_catalog.pg_policy AS p ON p.polrelid = k.oid AND p.polcmd IN ('*', 'a', 'w')
  JOIN pg_catalog.pg_depend AS d ON d.classid = 'pg_policy'::regclass AND d.objid = p.oid
   AND d.refclassid = 'pg_class'::regclass AND d.refobjid = k.oid AND d.refobjsubid = k.attnum
 UNION
SELECT 'view', pg_catalog.format('view %s WITH CHECK OPTION', v.oid::regclass), '', '{}', '{}', false, ''
  FROM known AS k
  JOIN pg_catalog.pg_depend AS d ON d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = k.oid AND d.refobjsubid = k.attnum
  JOIN pg_catalog.pg_rewrite AS r ON r.oid = d.objid
  JOIN pg_catalog.pg_class AS v ON v.oid = r.ev_class AND pg_catalog.array_to_string(v.reloptions, ' ') ~ 'check_option'
 ORDER BY 1, 2
