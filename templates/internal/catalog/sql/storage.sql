-- What ALTER COLUMN TYPE forgets of the type's columns: how they are stored.
SELECT a.attrelid, a.attnum,
       CASE WHEN a.attstorage <> t.typstorage THEN CASE a.attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'x' THEN 'EXTENDED' ELSE 'MAIN' END ELSE '' END,
       CASE a.attcompression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' ELSE '' END
  FROM pg_catalog.pg_attribute AS a
  JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
 WHERE t.oid IN ($1, $2)
   AND (a.attstorage <> t.typstorage OR a.attcompression <> '')
   AND NOT a.attisdropped
