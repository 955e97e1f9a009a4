-- The indexes of a table ($1) with a column ($2) in their condition.
SELECT c.relname, i.indisunique, pg_catalog.pg_get_indexdef(i.indexrelid),
       coalesce(pg_catalog.obj_description(i.indexrelid, 'pg_class'), '')
  FROM pg_catalog.pg_index AS i
  JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
 WHERE (i.indrelid = $1 OR i.indrelid IN (SELECT relid FROM pg_catalog.pg_partition_tree($1::oid::regclass)) AND NOT c.relispartition)
   AND i.indpred IS NOT NULL
   AND EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                 JOIN pg_catalog.pg_attribute AS a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
                WHERE d.objid = i.indexrelid AND d.classid = 'pg_class'::regclass AND d.refobjid = i.indrelid AND a.attname = $2)
 ORDER BY c.relname
