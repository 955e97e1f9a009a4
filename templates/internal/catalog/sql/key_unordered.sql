-- Lists, of a table ($1) and all that inherits from it, what has no index in the order
-- of the columns ($2).
WITH RECURSIVE family (oid) AS (
    SELECT $1::oid
     UNION
    SELECT h.inhrelid FROM family AS f JOIN pg_catalog.pg_inherits AS h ON h.inhparent = f.oid
)
SELECT f.oid::regclass
  FROM family AS f
  JOIN pg_catalog.pg_class AS t ON t.oid = f.oid AND t.relkind = 'r'
 CROSS JOIN LATERAL (SELECT array_agg(a.attnum ORDER BY k.n) AS attnums
                       FROM unnest($2::text[]) WITH ORDINALITY AS k (name, n)
                       JOIN pg_catalog.pg_attribute AS a ON a.attrelid = f.oid AND a.attname = k.name) AS key
 WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_index AS i
                     JOIN pg_catalog.pg_class AS x ON x.oid = i.indexrelid
                     JOIN pg_catalog.pg_am AS m ON m.oid = x.relam
                    WHERE i.indrelid = f.oid
                      AND i.indisvalid
                      AND i.indpred IS NULL
                      AND m.amname = 'btree'
                      AND (i.indkey::int2[])[0:cardinality(key.attnums) - 1] = key.attnums
                      AND (SELECT count(DISTINCT o) = 1 FROM unnest((i.indoption::int2[])[0:cardinality(key.attnums) - 1]) AS o))
 ORDER BY 1
