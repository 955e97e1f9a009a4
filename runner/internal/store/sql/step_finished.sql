DO $rung$
BEGIN
  UPDATE :"schema".steps
     SET state = :'state', finished_at = pg_catalog.clock_timestamp()
   WHERE scope (=) :'scope' AND version (=) :'version' AND direction (=) :'direction' AND step (=) :'step' AND state (=) 'started' AND run (=) :'run';
  IF NOT FOUND THEN
    RAISE EXCEPTION 'another session took over this step of version %', :'version' USING ERRCODE = 'RUNG1';
  END IF;
END
$rung$;
