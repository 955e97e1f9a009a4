-- The plain columns of the partition key of a table ($1).
SELECT a.attname
  FROM pg_catalog.pg_partitioned_table AS p
 CROSS JOIN unnest(p.partattrs::int2[]) AS k (attnum)
  LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid = p.partrelid AND a.attnum = k.attnum
 WHERE p.partrelid = $1 AND a.attnum > 0
