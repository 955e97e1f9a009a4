-- An event of a background backfill: plan.NextBackfill says from which states it may
-- happen, and what is the next one.
DO $rung$
BEGIN
  PERFORM FROM :"schema".migrations WHERE scope = :'scope' AND version = :'version' AND state = 'background' FOR SHARE;
  IF FOUND THEN
    UPDATE :"schema".background
       SET state = :'to', run = :'run', started_at = coalesce(started_at, pg_catalog.clock_timestamp()),
           attempts = :'attempts', failed_at = CASE WHEN :'error'::text IS NULL THEN failed_at ELSE pg_catalog.clock_timestamp() END,
           error = coalesce(:'error', error), error_code = CASE WHEN :'error'::text IS NULL THEN error_code ELSE :'error_code' END,
           error_keys = CASE WHEN :'error'::text IS NULL THEN error_keys ELSE :'error_keys' END,
           next_try_at = pg_catalog.clock_timestamp() + :'pause_ms'::float8 * interval '1 ms'
     WHERE scope = :'scope' AND version = :'version' AND state = ANY (:'from'::text[])
       AND (:'to' = 'running' OR run = :'run');
  END IF;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'another session has changed the background backfill of version % meanwhile', :'version' USING ERRCODE = 'RUNG1';
  END IF;
END
$rung$;
