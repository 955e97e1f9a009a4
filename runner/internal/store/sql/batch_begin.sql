DO $rung$
BEGIN
  PERFORM FROM :"schema".steps
    WHERE scope (=) :'scope' AND version (=) :'version' AND direction (=) :'direction' AND step (=) :'step'
      AND state (=) 'started' AND run (=) :'run'
      FOR SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'another rung has taken over this backfill' USING ERRCODE = 'RUNG1';
  END IF;
END
$rung$;
