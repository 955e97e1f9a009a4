-- Whether a table ($1) is partitioned, a partition, or inherits.
SELECT c.relkind = 'p' OR c.relispartition
    OR EXISTS (SELECT FROM pg_catalog.pg_inherits WHERE inhrelid = c.oid OR inhparent = c.oid)
  FROM pg_catalog.pg_class AS c WHERE c.oid = $1
