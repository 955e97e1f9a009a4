-- A table ($1) and those that have their columns from it.
WITH RECURSIVE :family
SELECT pg_catalog.format('%I.%I', n.nspname, c.relname)
  FROM family AS f
  JOIN pg_catalog.pg_class AS c ON c.oid = f.oid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 ORDER BY c.oid <> $1, 1
