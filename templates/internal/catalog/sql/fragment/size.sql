-- :size is the size of table c with its partitions and children. A partitioned table
-- itself has neither rows nor pages, and of its rows only an ANALYZE by hand keeps count.
WITH RECURSIVE part (oid) AS (
    SELECT c.oid
     UNION
    SELECT h.inhrelid
      FROM pg_catalog.pg_inherits AS h
      JOIN part ON part.oid = h.inhparent
)
SELECT CASE WHEN bool_or(p.reltuples < 0 AND pg_catalog.pg_relation_size(p.oid) > 0)
            THEN -1
            ELSE coalesce(sum(greatest(p.reltuples, 0)), 0)
       END::bigint AS rows,
       coalesce(sum(pg_catalog.pg_total_relation_size(p.oid)), 0)::bigint AS bytes
  FROM part
  JOIN pg_catalog.pg_class AS p ON p.oid = part.oid AND p.relkind <> 'p'
