BEGIN READ ONLY;
:trusted_path
:set_role
SET LOCAL row_security = off;
SELECT s.upper_key, coalesce(s.estimate, 0), coalesce(s.batch_key, ''), :{identity}, s.tableoid::pg_catalog.int8
  FROM :"schema".steps AS s
 WHERE s.scope = :'scope' AND s.version = :'version' AND s.direction = :'direction' AND s.step = :'step';
SELECT after_key, last_key, keys, rows
  FROM :"schema".batches
 WHERE scope = :'scope' AND version = :'version' AND direction = :'direction' AND step = :'step';
COMMIT;
