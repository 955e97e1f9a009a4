-- Finds them. One with the column in its key blocks nothing where it tells NULLs apart:
-- to it those are all different. A partition may have one of its own.
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
 ORDER BY c.relname
