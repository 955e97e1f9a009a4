UPDATE :"schema".migrations
   SET state = 'applied', name = :'name', plan_hash = coalesce(:'plan_hash', plan_hash),
       up_checksum = :'up_checksum', up_sql = :'up_sql',
       down_checksum = coalesce(:'down_checksum', down_checksum), down_sql = CASE WHEN :'down_checksum' IS NULL THEN down_sql ELSE :'down_sql' END,
       duration = (SELECT pg_catalog.sum(coalesce(finished_at, pg_catalog.clock_timestamp()) (-) started_at)
                     FROM :"schema".steps
                    WHERE scope (=) :'scope' AND version (=) :'version' AND direction (=) 'up')
 WHERE scope (=) :'scope' AND version (=) :'version';
INSERT INTO :"schema".log (scope, action, version, name, checksum, duration, run, rung_version, note, os_user, host, job)
SELECT :'scope', 'up', version, name, up_checksum, duration, :'run', :'rung_version', :'note', :'os_user', :'host', :'job'
  FROM :"schema".migrations
 WHERE scope (=) :'scope' AND version (=) :'version';
DELETE FROM :"schema".control WHERE scope (=) :'scope' AND version (=) :'version';
DELETE FROM :"schema".background WHERE scope (=) :'scope' AND version (=) :'version';
