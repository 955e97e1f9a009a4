-- What second columns cannot take over: materialized views ($1), generated
-- columns ($2, as table:number), constraints ($3), and tables whose columns of
-- the type ($4, or its array type $5) are others' too.
SELECT pg_catalog.format('materialized view %I.%I', n.nspname, c.relname)
  FROM pg_catalog.pg_class AS c
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 WHERE c.oid = ANY ($1)
 UNION ALL
SELECT pg_catalog.format('generated column %I.%I.%I', n.nspname, c.relname, a.attname)
  FROM pg_catalog.pg_attribute AS a
  JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 WHERE a.attrelid || ':' || a.attnum = ANY ($2)
 UNION ALL
SELECT pg_catalog.format('%s %I of %I.%I', CASE k.contype WHEN 'p' THEN 'primary key' WHEN 'f' THEN 'foreign key' ELSE 'exclusion constraint' END,
                         k.conname, n.nspname, c.relname)
  FROM pg_catalog.pg_constraint AS k
  JOIN pg_catalog.pg_class AS c ON c.oid = k.conrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 WHERE k.oid = ANY ($3)
   AND k.contype IN ('p', 'f', 'x')
   AND k.conparentid = 0
 UNION
SELECT pg_catalog.format(CASE WHEN c.relkind = 'p' THEN 'partitioned table %I.%I' ELSE '%I.%I, from which a table inherits' END, n.nspname, c.relname)
  FROM pg_catalog.pg_attribute AS a
  JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 WHERE a.atttypid IN ($4, $5)
   AND NOT a.attisdropped
   AND NOT c.relispartition
   AND (c.relkind = 'p' OR c.relkind = 'r' AND EXISTS (SELECT FROM pg_catalog.pg_inherits AS h WHERE h.inhparent = c.oid))
 ORDER BY 1
