-- Whether one of the functions ($1) is volatile.
SELECT EXISTS (SELECT FROM pg_catalog.pg_proc WHERE oid = ANY ($1::oid[]) AND provolatile = 'v')
