-- Two types by their names ($1, $2) on the search_path.
SELECT pg_catalog.to_regtype($1)::pg_catalog.text, pg_catalog.to_regtype($2)::pg_catalog.text
