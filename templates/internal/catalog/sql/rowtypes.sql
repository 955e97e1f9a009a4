-- Columns that hold whole rows of one of the tables ($1), of what inherits from
-- them, or of a view that is made again ($2); or arrays or domains of these.
WITH RECURSIVE family (oid) AS (
    SELECT unnest($1::oid[])
     UNION
    SELECT h.inhrelid
      FROM family AS f
      JOIN pg_catalog.pg_inherits AS h ON h.inhparent = f.oid
),
holding (oid, of_view) AS (
    SELECT c.reltype, c.oid = ANY ($2)
      FROM pg_catalog.pg_class AS c
     WHERE c.oid IN (SELECT oid FROM family) OR c.oid = ANY ($2)
     UNION
    SELECT t.oid, h.of_view
      FROM holding AS h
      JOIN pg_catalog.pg_type AS t ON t.typbasetype = h.oid OR t.typelem = h.oid
)
SELECT pg_catalog.pg_describe_object('pg_class'::regclass, a.attrelid, a.attnum)
  FROM pg_catalog.pg_attribute AS a
  JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
  JOIN holding AS h ON h.oid = a.atttypid
 WHERE (c.relkind IN ('r', 'p', 'c', 'f') OR c.relkind = 'm' AND NOT h.of_view) -- such a materialized view is made again itself
   AND a.attnum > 0
   AND NOT a.attisdropped
 ORDER BY 1
