SELECT pg_catalog.pg_try_advisory_lock(:'lock_key'),
       pg_catalog.pg_try_advisory_lock_shared(:'since_key', :'since');
COMMIT;
:begin
SELECT pg_catalog.pg_try_advisory_xact_lock(:'lock_key'),
       pg_catalog.pg_try_advisory_xact_lock_shared(:'since_key', :'since'),
       pg_catalog.pg_advisory_unlock(:'lock_key'),
       pg_catalog.pg_advisory_unlock_shared(:'since_key', :'since');
