DO $rung$
BEGIN
  UPDATE :"schema".steps
     SET state = 'started', checksum = :'checksum', run = :'run', started_at = pg_catalog.clock_timestamp()
   WHERE scope (=) :'scope' AND version (=) :'version' AND direction (=) :'direction' AND step (=) :'step' AND state (<>) 'done';
  IF NOT FOUND THEN
    RAISE EXCEPTION 'another session ran this step of version % meanwhile', :'version' USING ERRCODE = 'RUNG1';
  END IF;
END
$rung$;
