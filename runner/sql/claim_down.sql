DO $rung$
BEGIN
  UPDATE :"schema".migrations SET state = 'reverting' WHERE version = :'version';
  IF NOT FOUND THEN
    RAISE EXCEPTION 'version % is not in place any more: another session reverted it', :'version';
  END IF;
END
$rung$;
