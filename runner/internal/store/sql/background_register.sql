DO $rung$
BEGIN
  UPDATE :"schema".migrations
     SET state = 'background', name = :'name', plan_hash = coalesce(:'plan_hash', plan_hash),
         up_checksum = :'up_checksum', up_sql = :'up_sql',
         down_checksum = coalesce(:'down_checksum', down_checksum), down_sql = CASE WHEN :'down_checksum' IS NULL THEN down_sql ELSE :'down_sql' END
   WHERE scope (=) :'scope' AND version (=) :'version' AND state (=) 'applying';
  IF NOT FOUND THEN
    RAISE EXCEPTION 'another session has changed version % meanwhile', :'version' USING ERRCODE = 'RUNG1';
  END IF;
END
$rung$;
INSERT INTO :"schema".background (scope, version, state, estimate)
VALUES (:'scope', :'version', :'state', :'estimate');
