-- The columns of the primary key of a table ($1), or else of another unique index over
-- NOT NULL columns, the shortest, that has none of some columns ($2) in it.
SELECT a.attname
  FROM (SELECT i.indexrelid, i.indkey::int2[] AS key, i.indnkeyatts
          FROM pg_catalog.pg_index AS i
         WHERE i.indrelid = $1
           AND i.indisunique
           AND i.indisvalid
           AND i.indpred IS NULL
           AND i.indexprs IS NULL
           AND NOT EXISTS (SELECT
                             FROM pg_catalog.pg_attribute AS a
                            WHERE a.attrelid = $1
                              AND a.attnum = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1])
                              AND (NOT a.attnotnull OR a.attname = ANY ($2)))
         ORDER BY i.indisprimary DESC, i.indnkeyatts, i.indexrelid
         LIMIT 1) AS i
 CROSS JOIN unnest(i.key) WITH ORDINALITY AS k (attnum, n)
  JOIN pg_catalog.pg_attribute AS a ON a.attrelid = $1 AND a.attnum = k.attnum
 WHERE k.n <= i.indnkeyatts
 ORDER BY k.n
