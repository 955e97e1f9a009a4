-- Whether all of the functions ($1) are the server's own.
SELECT NOT EXISTS (SELECT FROM pg_catalog.pg_proc WHERE oid = ANY ($1::oid[]) AND pronamespace <> 'pg_catalog'::regnamespace)
