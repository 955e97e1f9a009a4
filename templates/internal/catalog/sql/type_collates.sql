-- Whether a type ($1) has a collation, and another than a second one ($2).
SELECT t.typcollation <> 0, t.typcollation NOT IN (0, s.typcollation)
  FROM pg_catalog.pg_type AS t, pg_catalog.pg_type AS s
 WHERE t.oid = $1 AND s.oid = 'text'::regtype
