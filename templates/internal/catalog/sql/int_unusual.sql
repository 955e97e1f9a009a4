-- What keeps a table ($1) or one of its columns ($2) from being widened.
SELECT 'is a table of the type ' || reloftype::regtype FROM pg_catalog.pg_class WHERE oid = $1 AND reloftype <> 0
 UNION ALL
SELECT 'has ' || pg_catalog.quote_ident(attname) || ' from a table that it inherits from' FROM pg_catalog.pg_attribute WHERE attrelid = $1 AND attinhcount > 0 AND attname = ANY ($2)
 UNION ALL
SELECT 'is a temporary table' FROM pg_catalog.pg_class WHERE oid = $1 AND relpersistence = 't'
 UNION ALL
SELECT 'has a partition ' || p.relid::regclass || ' that is a foreign table' FROM pg_catalog.pg_partition_tree($1::oid::regclass) AS p JOIN pg_catalog.pg_class AS c ON c.oid = p.relid WHERE c.relkind = 'f'
 UNION ALL
SELECT 'is partitioned by ' || pg_catalog.quote_ident(a.attname) || ', and a second column cannot become the partition key: make a new partitioned table with a bigint key and copy the rows'
  FROM pg_catalog.pg_partitioned_table AS p
  JOIN pg_catalog.pg_attribute AS a ON a.attrelid = p.partrelid AND a.attnum = ANY (p.partattrs::int2[])
 WHERE p.partrelid = $1 AND a.attname = ANY ($2)
