-- The CHECKs of a table ($1) that name one of the columns ($2).
SELECT k.conname, pg_catalog.pg_get_constraintdef(k.oid, true), k.convalidated, coalesce(pg_catalog.obj_description(k.oid, 'pg_constraint'), '')
  FROM pg_catalog.pg_constraint AS k
 WHERE k.conrelid = $1 AND k.contype = 'c'
   AND EXISTS (SELECT FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = k.conrelid AND a.attname = ANY ($2) AND a.attnum = ANY (k.conkey))
 ORDER BY 1
