BEGIN READ ONLY;
:set_role
SELECT paused, rows, target_ms, pause_ms, workers, changed_by, changed_at
  FROM :"schema".control
 WHERE version = :'version';
COMMIT;
