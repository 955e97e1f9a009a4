BEGIN;
:trusted_path
:set_role
WITH counted AS (
  SELECT pg_catalog.sum(greatest(c.reltuples, 0))::bigint AS estimate
    FROM pg_catalog.pg_class AS c
   WHERE c.oid = pg_catalog.to_regclass(:'table')
      OR c.oid IN (SELECT relid FROM pg_catalog.pg_partition_tree(pg_catalog.to_regclass(:'table')) WHERE isleaf)
), noted AS (
  UPDATE :"schema".steps AS s
     SET estimate = counted.estimate
    FROM counted
   WHERE s.ctid = ANY (ARRAY(SELECT ctid FROM :"schema".steps
                              WHERE version = :'version' AND direction = :'direction' AND step = :'step' AND run = :'run'
                                FOR NO KEY UPDATE SKIP LOCKED))
)
SELECT estimate FROM counted;
COMMIT;
