-- Columns of the type ($1) or its array type ($2) that a table has from its
-- parent, with the table that they come from first.
WITH RECURSIVE line (child, ancestor) AS (
    SELECT inhrelid, inhparent FROM pg_catalog.pg_inherits
     UNION
    SELECT l.child, h.inhparent
      FROM line AS l
      JOIN pg_catalog.pg_inherits AS h ON h.inhrelid = l.ancestor
)
SELECT c.oid, pg_catalog.format('%I.%I', n.nspname, c.relname), a.attnum, a.attname, r.oid, ra.attnum, a.attinhcount > 1
  FROM pg_catalog.pg_attribute AS a
  JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p')
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  JOIN line AS l ON l.child = c.oid
  JOIN pg_catalog.pg_class AS r ON r.oid = l.ancestor
  JOIN pg_catalog.pg_attribute AS ra ON ra.attrelid = r.oid AND ra.attname = a.attname AND ra.attinhcount = 0
 WHERE a.atttypid IN ($1, $2)
   AND a.attinhcount > 0
   AND a.attgenerated = ''
   AND NOT a.attisdropped
 ORDER BY 2, 3
