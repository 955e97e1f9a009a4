-- The name of a table ($1) that is not a permanent one.
SELECT relname FROM pg_catalog.pg_class WHERE oid = $1 AND relpersistence <> 'p'
