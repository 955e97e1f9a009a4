-- Triggers of a table ($1), or of one of its partitions, that may change a row
-- before it is written; they fire in the order of their names.
WITH RECURSIVE family (oid) AS (
    SELECT $1::oid
     UNION
    SELECT h.inhrelid
      FROM family AS f
      JOIN pg_catalog.pg_inherits AS h ON h.inhparent = f.oid
)
SELECT DISTINCT t.tgname
  FROM family AS f
  JOIN pg_catalog.pg_trigger AS t ON t.tgrelid = f.oid
 WHERE NOT t.tgisinternal
   AND t.tgtype & 3 = 3
   AND t.tgtype & 20 <> 0
 ORDER BY 1
