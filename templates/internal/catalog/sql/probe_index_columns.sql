-- The columns of the index on the probe.
SELECT array_agg(pg_catalog.pg_get_indexdef(i.indexrelid, n, true) ORDER BY n),
       array_agg(a.attname::text ORDER BY n),
       i.indexprs IS NULL AND bool_and(i.indoption[n - 1] = 0 AND o.opcdefault AND i.indcollation[n - 1] = own.attcollation)
  FROM pg_catalog.pg_index AS i
 CROSS JOIN generate_series(1, i.indnkeyatts) AS n
  JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indexrelid AND a.attnum = n
  LEFT JOIN pg_catalog.pg_attribute AS own ON own.attrelid = i.indrelid AND own.attnum = i.indkey[n - 1]
  JOIN pg_catalog.pg_opclass AS o ON o.oid = i.indclass[n - 1]
 WHERE i.indrelid = $1::regclass
 GROUP BY i.indexrelid, i.indexprs
