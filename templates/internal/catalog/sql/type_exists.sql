-- Whether a name ($1) is a type's on the search_path.
SELECT pg_catalog.to_regtype($1) IS NOT NULL
