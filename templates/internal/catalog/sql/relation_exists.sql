-- Whether a name ($1) is a relation's on the search_path.
SELECT pg_catalog.to_regclass($1) IS NOT NULL
