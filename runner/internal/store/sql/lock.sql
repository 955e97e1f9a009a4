:begin
SELECT got, since, CASE WHEN got THEN pg_catalog.pg_try_advisory_xact_lock_shared(:'since_key', since) END
  FROM (SELECT pg_catalog.pg_try_advisory_xact_lock(:'lock_key') AS got,
               pg_catalog.floor(extract(epoch FROM pg_catalog.now()) - 1577836800)::integer AS since) AS try;
