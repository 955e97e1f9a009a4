DO $rung$
BEGIN
  DELETE FROM :"schema".steps AS s
   WHERE scope = :'scope' AND version = :'version' AND direction = :'direction' AND step = :'from' AND checksum = :'was' AND state = 'failed'
     AND NOT EXISTS (SELECT FROM :"schema".batches AS b WHERE (b.scope, b.version, b.direction, b.step) = (s.scope, s.version, s.direction, s.step));
  IF NOT FOUND THEN
    RAISE EXCEPTION 'another session ran a step of version % meanwhile', :'version' USING ERRCODE = 'RUNG1';
  END IF;
END
$rung$;
