BEGIN;
:set_role
SET LOCAL lock_timeout = '1s';
UPDATE :"schema".steps AS s
   SET estimate = c.reltuples::bigint
  FROM pg_catalog.pg_class AS c
 WHERE c.oid = pg_catalog.to_regclass(:'table') AND c.reltuples > 0
   AND s.version = :'version' AND s.direction = :'direction' AND s.step = :'step' AND s.run = :'run'
RETURNING s.estimate;
COMMIT;
