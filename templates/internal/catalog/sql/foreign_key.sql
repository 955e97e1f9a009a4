-- The columns of the foreign keys from a table ($1) to another ($2).
SELECT (SELECT array_agg(a.attname::text ORDER BY k.n) FROM unnest(c.conkey) WITH ORDINALITY AS k (attnum, n)
          JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = k.attnum),
       (SELECT array_agg(a.attname::text ORDER BY k.n) FROM unnest(c.confkey) WITH ORDINALITY AS k (attnum, n)
          JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.confrelid AND a.attnum = k.attnum)
  FROM pg_catalog.pg_constraint AS c
 WHERE c.conrelid = $1 AND c.confrelid = $2 AND c.contype = 'f' AND c.convalidated AND NOT c.condeferrable
 ORDER BY c.oid
