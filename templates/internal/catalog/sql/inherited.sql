-- Tables that have a column of the type ($1, or its array type $2) by
-- inheritance, other than partitions.
SELECT DISTINCT pg_catalog.format('%I.%I', n.nspname, c.relname)
  FROM pg_catalog.pg_attribute AS a
  JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p')
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 WHERE a.atttypid IN ($1, $2)
   AND a.attinhcount > 0
   AND NOT c.relispartition
   AND NOT a.attisdropped
 ORDER BY 1
