-- Unique indexes over a column of the type ($1), with the key's columns, which
-- of them have the type, and the condition.
SELECT i.indexrelid::regclass::text, pg_catalog.format('%I.%I', n.nspname, t.relname),
       ARRAY(SELECT pg_catalog.quote_ident(a.attname)
               FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, place)
               JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
              WHERE k.place <= i.indnkeyatts
              ORDER BY k.place),
       ARRAY(SELECT a.atttypid = $1
               FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, place)
               JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
              WHERE k.place <= i.indnkeyatts
              ORDER BY k.place),
       coalesce(pg_catalog.pg_get_expr(i.indpred, i.indrelid), 'true')
  FROM pg_catalog.pg_index AS i
  JOIN pg_catalog.pg_class AS t ON t.oid = i.indrelid AND t.relkind IN ('r', 'p') AND NOT t.relispartition
  JOIN pg_catalog.pg_namespace AS n ON n.oid = t.relnamespace
 WHERE i.indisunique
   AND i.indexprs IS NULL
   AND EXISTS (SELECT
                 FROM pg_catalog.pg_attribute AS a
                WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey::int2[]) AND a.atttypid = $1)
 ORDER BY 2, 1
