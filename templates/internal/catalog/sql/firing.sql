-- Triggers of a table ($1), or of its partitions, that may change a row before it
-- is written; they fire in the order of their names.
SELECT tgname
  FROM pg_catalog.pg_trigger
 WHERE tgrelid IN (SELECT $1::oid UNION SELECT relid FROM pg_catalog.pg_partition_tree($1::oid::regclass))
   AND NOT tgisinternal
   AND tgtype & 3 = 3
   AND tgtype & 20 <> 0
 ORDER BY 1
