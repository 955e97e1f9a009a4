-- Who is waited for on the shards, by the global pid: node × 10^10 + pid.
SELECT DISTINCT ON (a.global_pid)
       CASE WHEN a.global_pid OPERATOR(pg_catalog./) 10000000000 OPERATOR(pg_catalog.=) me.node THEN a.pid ELSE a.global_pid END,
       coalesce(a.usename, ''), coalesce(a.application_name, ''), coalesce(a.state, ''),
       (extract(epoch FROM pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) a.xact_start) OPERATOR(pg_catalog.*) 1000)::pg_catalog.int8,
       coalesce(a.query, '')
  FROM (SELECT pg_catalog.citus_backend_gpid() OPERATOR(pg_catalog./) 10000000000 AS node) AS me
  JOIN pg_catalog.citus_lock_waits AS w ON w.waiting_gpid OPERATOR(pg_catalog.=) (me.node OPERATOR(pg_catalog.*) 10000000000 OPERATOR(pg_catalog.+) :'pid')
  JOIN pg_catalog.citus_stat_activity AS a ON a.global_pid OPERATOR(pg_catalog.=) w.blocking_gpid AND NOT a.is_worker_query
 ORDER BY a.global_pid;
