-- CHECKs ($1) that a second column needs too.
SELECT n.nspname, c.relname, k.conname, pg_catalog.pg_get_constraintdef(k.oid, true), k.convalidated,
       coalesce(pg_catalog.obj_description(k.oid, 'pg_constraint'), '')
  FROM pg_catalog.pg_constraint AS k
  JOIN pg_catalog.pg_class AS c ON c.oid = k.conrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 WHERE k.oid = ANY ($1)
   AND k.contype = 'c'
 ORDER BY 1, 2, 3
