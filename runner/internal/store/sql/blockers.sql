SELECT a.pid, coalesce(a.usename, ''), coalesce(a.application_name, ''), coalesce(a.state, ''),
       (extract(epoch FROM pg_catalog.clock_timestamp() - a.xact_start) * 1000)::bigint, coalesce(a.query, '')
  FROM pg_catalog.unnest(pg_catalog.pg_blocking_pids(:'pid')) AS b (pid)
  JOIN pg_catalog.pg_stat_activity AS a USING (pid)
 WHERE pid <> pg_catalog.pg_backend_pid()
 ORDER BY a.xact_start;
