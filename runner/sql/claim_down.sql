DO $rung$
BEGIN
  UPDATE :"schema".migrations SET state = 'reverting' WHERE version = :'version' AND state <> 'reverting';
  IF NOT FOUND THEN
    RAISE EXCEPTION 'another session reverts or has reverted version %', :'version' USING ERRCODE = 'RUNG1';
  END IF;
END
$rung$;
