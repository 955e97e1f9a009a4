-- Triggers of a table ($1), or of one of its partitions alone, that an UPDATE of
-- a column ($2) fires.
WITH RECURSIVE :family
SELECT pg_catalog.format('%I of %s', t.tgname, t.tgrelid::regclass)
  FROM family AS f
  JOIN pg_catalog.pg_trigger AS t ON t.tgrelid = f.oid
 WHERE NOT t.tgisinternal
   AND t.tgparentid = 0
   AND t.tgenabled IN ('O', 'A')
   AND t.tgtype & 16 <> 0
   AND (t.tgattr::text = ''
        OR EXISTS (SELECT
                     FROM pg_catalog.pg_attribute AS a
                    WHERE a.attrelid = f.oid AND a.attname = $2 AND a.attnum = ANY (t.tgattr::int2[])))
 ORDER BY 1
