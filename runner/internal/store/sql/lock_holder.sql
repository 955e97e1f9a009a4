:trusted_path
SELECT l.pid, coalesce(a.usename, ''), coalesce(a.application_name, ''),
       coalesce(pg_catalog.to_timestamp(since.objid::bigint + 1577836800), a.xact_start),
       coalesce(a.query, ''), a.query_start,
       (extract(epoch FROM pg_catalog.clock_timestamp() - a.query_start) * 1000)::bigint
  FROM pg_catalog.pg_locks AS l
  LEFT JOIN pg_catalog.pg_stat_activity AS a USING (pid)
  LEFT JOIN pg_catalog.pg_locks AS since
         ON since.pid = l.pid AND since.locktype = 'advisory' AND since.objsubid = 2
        AND since.classid::bigint = :'since_key'
 WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
   AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
   AND (l.classid::bigint << 32) | l.objid::bigint = :'lock_key';
