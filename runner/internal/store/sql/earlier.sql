:trusted_path
SELECT pid, coalesce(usename, ''), coalesce(application_name, ''), state,
       (extract(epoch FROM pg_catalog.clock_timestamp() - xact_start) * 1000)::bigint, query
  FROM pg_catalog.pg_stat_activity
 WHERE datname = pg_catalog.current_database() AND pid <> pg_catalog.pg_backend_pid()
   AND state = 'active' AND pg_catalog.starts_with(query, :'mark')
 ORDER BY xact_start;
