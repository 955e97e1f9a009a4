-- The cluster's tables among the one named and those with a column of the type: name,
-- kind, and the column that it is distributed by. What has no hash and no colocation is a
-- local table of the coordinator's that Citus knows of; with one it is a single shard.
SELECT p.logicalrelid::pg_catalog.text,
       CASE WHEN p.partmethod OPERATOR(pg_catalog.<>) 'n' THEN 'distributed'
            WHEN p.repmodel OPERATOR(pg_catalog.=) 't' THEN 'reference'
            WHEN p.colocationid OPERATOR(pg_catalog.=) 0 THEN 'local'
            ELSE 'distributed' END,
       CASE WHEN p.partkey IS NOT NULL THEN pg_catalog.column_to_column_name(p.logicalrelid, p.partkey::pg_catalog.text) ELSE '' END,
       p.colocationid
  FROM pg_catalog.pg_dist_partition AS p
 WHERE p.logicalrelid::pg_catalog.oid OPERATOR(pg_catalog.=) $1::pg_catalog.oid
    OR EXISTS (SELECT FROM pg_catalog.pg_attribute AS a
                 JOIN pg_catalog.pg_type AS t ON t.oid OPERATOR(pg_catalog.=) a.atttypid
                WHERE a.attrelid OPERATOR(pg_catalog.=) p.logicalrelid::pg_catalog.oid AND a.attnum OPERATOR(pg_catalog.>) 0::pg_catalog.int2 AND NOT a.attisdropped
                  AND $2::pg_catalog.oid IN (t.oid, t.typelem))
 ORDER BY 1
