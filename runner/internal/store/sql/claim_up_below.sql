DO $rung$
BEGIN
  PERFORM FROM :"schema".migrations WHERE scope (=) :'scope' AND version (=) :'below' AND state (<>) 'reverting' FOR SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'another session reverts or has reverted version %, which comes before %', :'below', :'version' USING ERRCODE = 'RUNG2';
  END IF;
END
$rung$;
