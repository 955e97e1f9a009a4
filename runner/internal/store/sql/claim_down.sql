-- The message of a runner that was killed may be under way: no version comes on top meanwhile.
LOCK TABLE :"schema".migrations IN SHARE ROW EXCLUSIVE MODE;
DO $rung$
BEGIN
  -- The greatest, which the key's index gives: EXISTS would read all rows below.
  IF (SELECT pg_catalog.max(version) FROM :"schema".migrations WHERE scope (=) :'scope') (>) :'version' THEN
    RAISE EXCEPTION 'another session has applied what comes after version %', :'version' USING ERRCODE = 'RUNG2';
  END IF;
  UPDATE :"schema".migrations SET state = 'reverting' WHERE scope (=) :'scope' AND version (=) :'version' AND state (<>) 'reverting';
  IF NOT FOUND THEN
    RAISE EXCEPTION 'another session reverts or has reverted version %', :'version' USING ERRCODE = 'RUNG1';
  END IF;
END
$rung$;
