-- The relation that a name ($1) is of on the search_path, and the schema for new ones.
SELECT pg_catalog.to_regclass($1)::pg_catalog.oid, pg_catalog.current_schema()
