-- The columns that hold values of an enum type ($1) or of its array type ($2).
-- Columns that a table has from its parent are its parent's.
SELECT c.oid, n.nspname, c.relname, a.attname, a.attnum, a.atttypid = $2,
       pg_catalog.pg_has_role(c.relowner, 'USAGE'), pg_catalog.pg_get_userbyid(c.relowner),
       size.bytes, size.rows,
       a.attgenerated <> '', c.relrowsecurity AND c.relforcerowsecurity, c.relpersistence = 't'
  FROM pg_catalog.pg_attribute AS a
  JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 CROSS JOIN LATERAL (:size) AS size
 WHERE a.atttypid IN ($1, $2)
   AND a.attnum > 0
   AND NOT a.attisdropped
   AND a.attinhcount = 0
   AND c.relkind IN ('r', 'p')
 ORDER BY n.nspname, c.relname, a.attnum
