-- The schemas of the search_path that are there.
SELECT pg_catalog.current_schemas(false)
