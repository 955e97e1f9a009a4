-- The first table of the cluster's: the one named, or one with a column of the type.
SELECT coalesce(pg_catalog.min(p.logicalrelid::pg_catalog.text), '')
  FROM pg_catalog.pg_dist_partition AS p
 WHERE p.logicalrelid::pg_catalog.oid OPERATOR(pg_catalog.=) $1::pg_catalog.oid
    OR EXISTS (SELECT FROM pg_catalog.pg_attribute AS a
                 JOIN pg_catalog.pg_type AS t ON t.oid OPERATOR(pg_catalog.=) a.atttypid
                WHERE a.attrelid OPERATOR(pg_catalog.=) p.logicalrelid::pg_catalog.oid AND a.attnum OPERATOR(pg_catalog.>) 0::pg_catalog.int2 AND NOT a.attisdropped
                  AND $2::pg_catalog.oid IN (t.oid, t.typelem))
