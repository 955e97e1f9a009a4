-- Columns ($2, in their order) of a table ($1) as another table declares them:
-- with their collation, or the two would have none to be compared by.
SELECT pg_catalog.format('%I %s', a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod))
       || coalesce((SELECT pg_catalog.format(' COLLATE %I.%I', n.nspname, c.collname)
                      FROM pg_catalog.pg_collation AS c
                      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.collnamespace
                     WHERE c.oid = a.attcollation AND a.attcollation <> t.typcollation), '')
  FROM unnest($2::text[]) WITH ORDINALITY AS k (name, n)
  JOIN pg_catalog.pg_attribute AS a ON a.attrelid = $1 AND a.attname = k.name
  JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
 ORDER BY k.n
