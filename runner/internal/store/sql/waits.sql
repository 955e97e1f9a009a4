:trusted_path
SELECT a.pid, coalesce(a.usename, ''), coalesce(a.application_name, ''), coalesce(a.state, ''),
       (extract(epoch FROM pg_catalog.clock_timestamp() - a.xact_start) * 1000)::bigint, coalesce(a.query, '')
  FROM pg_catalog.pg_stat_activity AS a
 WHERE a.pid IN (SELECT pg_catalog.unnest(pg_catalog.pg_blocking_pids(w.pid))
                   FROM pg_catalog.pg_stat_activity AS w
                  WHERE w.datname = pg_catalog.current_database() AND w.usename = :'user'
                    AND w.application_name = :'application' AND w.wait_event_type = 'Lock')
 ORDER BY a.xact_start;
