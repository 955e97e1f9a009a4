DO $rung$
BEGIN
  UPDATE :"schema".steps
     SET checksum = :'now'
   WHERE scope = :'scope' AND version = :'version' AND direction = :'direction' AND step = :'step' AND checksum = :'was' AND state <> 'done';
  IF NOT FOUND THEN
    RAISE EXCEPTION 'another session ran a step of version % meanwhile', :'version' USING ERRCODE = 'RUNG1';
  END IF;
END
$rung$;
