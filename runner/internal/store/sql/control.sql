BEGIN READ ONLY;
:trusted_path
:set_role
SET LOCAL row_security = off;
SELECT paused, rows, coalesce(rows_at, changed_at), target_ms, pause_ms, workers, changed_by, changed_at
  FROM :"schema".control
 WHERE scope = :'scope' AND version = :'version';
COMMIT;
