-- What ALTER COLUMN TYPE forgets of the type's columns: how they are stored.
SELECT a.attrelid, a.attnum,
       CASE a.attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'x' THEN 'EXTENDED' ELSE 'MAIN' END
  FROM pg_catalog.pg_attribute AS a
  JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
 WHERE t.oid IN ($1, $2)
   AND a.attstorage <> t.typstorage
   AND NOT a.attisdropped
