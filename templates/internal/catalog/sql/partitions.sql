-- The partitions of a table ($1).
SELECT n.nspname, c.relname, c.relkind
  FROM pg_catalog.pg_inherits AS i
  JOIN pg_catalog.pg_class AS c ON c.oid = i.inhrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 WHERE i.inhparent = $1
 ORDER BY c.relname
