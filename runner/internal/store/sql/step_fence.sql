DO $rung$
BEGIN
  PERFORM FROM :"schema".migrations WHERE scope (=) :'scope' AND version (=) :'version' AND state (=) :'part' FOR NO KEY UPDATE;
  IF NOT FOUND OR EXISTS (SELECT FROM :"schema".steps
                           WHERE scope (=) :'scope' AND version (=) :'version' AND direction (=) :'direction' AND step (=) :'step' AND state (=) 'done') THEN
    RAISE EXCEPTION 'another session ran this step of version % meanwhile', :'version' USING ERRCODE = 'RUNG1';
  END IF;
END
$rung$;
