-- The default of a domain ($1).
SELECT typdefault FROM pg_catalog.pg_type WHERE oid OPERATOR(pg_catalog.=) $1 AND typdefault IS NOT NULL
