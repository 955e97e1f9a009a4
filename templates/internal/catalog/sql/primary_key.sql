-- The columns of the primary key of a table ($1), in order.
SELECT a.attname
  FROM pg_catalog.pg_constraint AS c
 CROSS JOIN unnest(c.conkey) WITH ORDINALITY AS k (attnum, n)
  JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = k.attnum
 WHERE c.conrelid = $1 AND c.contype = 'p'
 ORDER BY k.n
