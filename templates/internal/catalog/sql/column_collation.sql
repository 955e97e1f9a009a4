-- The number of a column ($2) of a table ($1), and its collation where that is not the
-- type's.
SELECT a.attnum, coalesce((SELECT pg_catalog.format(' COLLATE %I.%I', n.nspname, c.collname)
                             FROM pg_catalog.pg_collation AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.collnamespace
                            WHERE c.oid = a.attcollation AND a.attcollation <> y.typcollation), '')
  FROM pg_catalog.pg_attribute AS a
  JOIN pg_catalog.pg_type AS y ON y.oid = a.atttypid
 WHERE a.attrelid = $1 AND a.attname = $2
