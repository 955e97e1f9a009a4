-- Whether a type ($1) is an enum.
SELECT EXISTS (SELECT FROM pg_catalog.pg_type WHERE oid = $1 AND typtype = 'e')
