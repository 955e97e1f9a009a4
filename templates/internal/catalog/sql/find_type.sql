-- The type that a name ($1) is of on the search_path; NULL for none.
SELECT pg_catalog.to_regtype($1)::pg_catalog.oid
