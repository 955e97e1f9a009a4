-- An earlier runner may have a batch in flight, which is waited for.
SET LOCAL lock_timeout = 0;
DO $rung$
BEGIN
  PERFORM FROM :"schema".migrations WHERE scope = :'scope' AND version = :'version' AND state = :'part' FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'another session has changed version % meanwhile', :'version' USING ERRCODE = 'RUNG1';
  END IF;
END
$rung$;
