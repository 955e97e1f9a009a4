-- What a column ($2) of text loses when it becomes another type and comes back,
-- on its table ($1) and those that have it from there, and so do the comments of
-- its CHECKs ($3). As statements.
WITH RECURSIVE :family,
own AS (
    SELECT a.*, t.typstorage, pg_catalog.format('%I.%I', n.nspname, c.relname) AS name
      FROM family AS f
      JOIN pg_catalog.pg_attribute AS a ON a.attrelid = f.oid AND a.attname = $2
      JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
      JOIN pg_catalog.pg_class AS c ON c.oid = f.oid
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
)
SELECT pg_catalog.format(E'ALTER TABLE ONLY %s\n    ALTER COLUMN %I SET STORAGE %s', name, attname,
                         CASE attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END)
  FROM own
 WHERE attstorage <> typstorage
 UNION ALL
SELECT pg_catalog.format(E'ALTER TABLE ONLY %s\n    ALTER COLUMN %I SET COMPRESSION %s', name, attname,
                         CASE attcompression WHEN 'p' THEN 'pglz' ELSE 'lz4' END)
  FROM own
 WHERE attcompression <> ''
 UNION ALL
SELECT pg_catalog.format('COMMENT ON CONSTRAINT %I ON %s IS %L', k.conname, o.name, pg_catalog.obj_description(k.oid, 'pg_constraint'))
  FROM own AS o
  JOIN pg_catalog.pg_constraint AS k ON k.conrelid = o.attrelid AND k.contype = 'c'
 WHERE pg_catalog.quote_ident(k.conname) = ANY ($3)
   AND pg_catalog.obj_description(k.oid, 'pg_constraint') IS NOT NULL
 ORDER BY 1
