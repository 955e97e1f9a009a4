INSERT INTO :"schema".control (:{into} version, paused, rows, rows_at, target_ms, pause_ms, workers)
VALUES (:{into_values} :'version', coalesce(:'paused'::boolean, false), :'rows', pg_catalog.clock_timestamp(), :'target_ms', :'pause_ms', :'workers')
ON CONFLICT (:{key}) DO UPDATE
   SET paused = coalesce(:'paused'::boolean, control.paused),
       rows = coalesce(excluded.rows, control.rows),
       rows_at = CASE WHEN excluded.rows IS NULL THEN control.rows_at ELSE excluded.rows_at END,
       target_ms = coalesce(excluded.target_ms, control.target_ms),
       pause_ms = coalesce(excluded.pause_ms, control.pause_ms),
       workers = coalesce(excluded.workers, control.workers),
       changed_by = CASE WHEN control.paused <> :'paused'::boolean THEN excluded.changed_by ELSE control.changed_by END,
       changed_at = CASE WHEN control.paused <> :'paused'::boolean THEN excluded.changed_at ELSE control.changed_at END;
