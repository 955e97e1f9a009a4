WITH done AS (
  UPDATE :"schema".migrations
     SET state = 'applied', duration = pg_catalog.clock_timestamp() (-) applied_at
   WHERE scope (=) :'scope' AND version (=) :'version'
  RETURNING version, name, up_checksum, duration
)
INSERT INTO :"schema".log (scope, action, version, name, checksum, duration, run, rung_version, note, os_user, host, job)
SELECT :'scope', 'up', version, name, up_checksum, duration, :'run', :'rung_version', :'note', :'os_user', :'host', :'job'
  FROM done;
