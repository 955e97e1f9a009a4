-- No lock on the table, which others' scopes need: who comes on top of a version
-- holds its row FOR SHARE, so after the UPDATE nobody does, or is seen.
DO $rung$
BEGIN
  UPDATE :"schema".migrations SET state = 'reverting' WHERE scope (=) :'scope' AND version (=) :'version' AND state (<>) 'reverting';
  IF NOT FOUND THEN
    RAISE EXCEPTION 'another session reverts or has reverted version %', :'version' USING ERRCODE = 'RUNG1';
  END IF;
  IF EXISTS (SELECT FROM :"schema".migrations WHERE scope (=) :'scope' AND version (>) :'version') THEN
    RAISE EXCEPTION 'another session has applied what comes after version %', :'version' USING ERRCODE = 'RUNG2';
  END IF;
END
$rung$;
