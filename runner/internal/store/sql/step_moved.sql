DO $rung$
BEGIN
  -- A batch in flight holds this row: after it no other begins, and it is counted below.
  PERFORM FROM :"schema".steps
    WHERE scope = :'scope' AND version = :'version' AND direction = :'direction' AND step = :'from' AND checksum = :'was' AND state <> 'done'
      FOR UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'another session ran a step of version % meanwhile', :'version' USING ERRCODE = 'RUNG1';
  END IF;
  INSERT INTO :"schema".steps
  SELECT moved.*
    FROM :"schema".steps AS s,
         pg_catalog.jsonb_populate_record(s, pg_catalog.jsonb_build_object('step', :'to')) AS moved
   WHERE s.scope = :'scope' AND s.version = :'version' AND s.direction = :'direction' AND s.step = :'from';
  UPDATE :"schema".batches SET step = :'to' WHERE scope = :'scope' AND version = :'version' AND direction = :'direction' AND step = :'from';
  DELETE FROM :"schema".steps WHERE scope = :'scope' AND version = :'version' AND direction = :'direction' AND step = :'from';
END
$rung$;
