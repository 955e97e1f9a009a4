INSERT INTO :"schema".control (version, paused, rows, target_ms, pause_ms, workers)
VALUES (:'version', coalesce(:'paused'::boolean, false), :'rows', :'target_ms', :'pause_ms', :'workers')
ON CONFLICT (version) DO UPDATE
   SET paused = coalesce(:'paused'::boolean, control.paused),
       rows = coalesce(excluded.rows, control.rows),
       target_ms = coalesce(excluded.target_ms, control.target_ms),
       pause_ms = coalesce(excluded.pause_ms, control.pause_ms),
       workers = coalesce(excluded.workers, control.workers),
       changed_by = DEFAULT, changed_at = DEFAULT;
