-- Unique indexes that have values in key or condition: of a type ($2) or its array
-- type ($3), or the texts of a column ($4) of a table ($1) and of those that have
-- it from there. The key as expressions; all columns of the table, and of each
-- whether it has values (1), or arrays of them (2).
WITH RECURSIVE :family,
columns (attrelid, attnum, attname, labels) AS (
    SELECT a.attrelid, a.attnum, a.attname,
           CASE WHEN a.atttypid = $2 OR a.attname = $4 AND a.attrelid IN (SELECT oid FROM family) THEN 1
                WHEN a.atttypid = $3 THEN 2
                ELSE 0
            END
      FROM pg_catalog.pg_attribute AS a
     WHERE a.attnum > 0
       AND NOT a.attisdropped
)
SELECT i.indexrelid::regclass::text, pg_catalog.format('%s%I.%I', CASE t.relkind WHEN 'r' THEN 'ONLY ' END, n.nspname, t.relname),
       coalesce((pg_catalog.to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false),
       ARRAY(SELECT a.attname FROM columns AS a WHERE a.attrelid = t.oid ORDER BY a.attnum),
       ARRAY(SELECT a.labels FROM columns AS a WHERE a.attrelid = t.oid ORDER BY a.attnum),
       ARRAY(SELECT '(' || pg_catalog.pg_get_indexdef(i.indexrelid, place, false) || ')'
               FROM generate_series(1, i.indnkeyatts) AS place
              ORDER BY place),
       coalesce(pg_catalog.pg_get_expr(i.indpred, i.indrelid), '')
  FROM pg_catalog.pg_index AS i
  JOIN pg_catalog.pg_class AS x ON x.oid = i.indexrelid AND NOT x.relispartition
  JOIN pg_catalog.pg_class AS t ON t.oid = i.indrelid AND t.relkind IN ('r', 'p')
  JOIN pg_catalog.pg_namespace AS n ON n.oid = t.relnamespace
 WHERE i.indisunique
   AND EXISTS (SELECT
                 FROM columns AS a
                WHERE a.attrelid = i.indrelid
                  AND a.labels > 0
                  AND (a.attnum = ANY (i.indkey::int2[])
                       OR EXISTS (SELECT
                                    FROM pg_catalog.pg_depend AS d
                                   WHERE d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid
                                     AND d.refclassid = 'pg_class'::regclass AND d.refobjid = i.indrelid AND d.refobjsubid = a.attnum)))
 ORDER BY 2, 1
