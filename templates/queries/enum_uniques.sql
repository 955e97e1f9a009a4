-- Unique indexes that have a column of the type ($1) or of its array type ($2)
-- in key or condition: the key as expressions, and all columns of the table.
SELECT i.indexrelid::regclass::text, i.indrelid, pg_catalog.format('%s%I.%I', CASE t.relkind WHEN 'r' THEN 'ONLY ' END, n.nspname, t.relname),
       ARRAY(SELECT pg_catalog.quote_ident(a.attname)
               FROM pg_catalog.pg_attribute AS a
              WHERE a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
              ORDER BY a.attnum),
       ARRAY(SELECT a.attnum
               FROM pg_catalog.pg_attribute AS a
              WHERE a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
              ORDER BY a.attnum),
       ARRAY(SELECT '(' || pg_catalog.pg_get_indexdef(i.indexrelid, place, false) || ')'
               FROM generate_series(1, i.indnkeyatts) AS place
              ORDER BY place),
       coalesce(pg_catalog.pg_get_expr(i.indpred, i.indrelid), 'true')
  FROM pg_catalog.pg_index AS i
  JOIN pg_catalog.pg_class AS t ON t.oid = i.indrelid AND t.relkind IN ('r', 'p') AND NOT t.relispartition
  JOIN pg_catalog.pg_namespace AS n ON n.oid = t.relnamespace
 WHERE i.indisunique
   AND EXISTS (SELECT
                 FROM pg_catalog.pg_attribute AS a
                WHERE a.attrelid = i.indrelid
                  AND a.atttypid IN ($1, $2)
                  AND (a.attnum = ANY (i.indkey::int2[])
                       OR EXISTS (SELECT
                                    FROM pg_catalog.pg_depend AS d
                                   WHERE d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid
                                     AND d.refclassid = 'pg_class'::regclass AND d.refobjid = i.indrelid AND d.refobjsubid = a.attnum)))
 ORDER BY 3, 1
