-- Which of the columns ($2) of a table ($1) are of types that are not the server's.
SELECT a.attname
  FROM pg_catalog.pg_attribute AS a
  JOIN pg_catalog.pg_type AS y ON y.oid = a.atttypid
 WHERE a.attrelid = $1 AND a.attname = ANY ($2) AND y.typnamespace <> 'pg_catalog'::regnamespace
