-- The type that a name ($1) is of on the search_path, and whether it is found without
-- its schema.
SELECT t.oid, pg_catalog.pg_type_is_visible(t.oid) FROM (SELECT pg_catalog.to_regtype($1)::pg_catalog.oid) AS t (oid)
