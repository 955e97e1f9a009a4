-- Columns whose type is the row type of one of the tables ($1), or an array of it.
SELECT pg_catalog.pg_describe_object('pg_class'::regclass, a.attrelid, a.attnum)
  FROM pg_catalog.pg_attribute AS a
  JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p', 'm', 'c', 'f')
  JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
 WHERE (t.typrelid = ANY ($1) OR t.typelem <> 0 AND t.typelem IN (SELECT reltype FROM pg_catalog.pg_class WHERE oid = ANY ($1)))
   AND a.attnum > 0
   AND NOT a.attisdropped
 ORDER BY 1
