-- The CHECKs of one column ($2) of a table ($1) alone: an enum takes their place.
SELECT k.oid, pg_catalog.quote_ident(k.conname), pg_catalog.pg_get_constraintdef(k.oid, true),
       pg_catalog.pg_get_expr(k.conbin, k.conrelid)
  FROM pg_catalog.pg_constraint AS k
  JOIN pg_catalog.pg_attribute AS a ON a.attrelid = k.conrelid AND k.conkey = ARRAY[a.attnum]
 WHERE k.conrelid = $1
   AND a.attname = $2
   AND k.contype = 'c'
 ORDER BY 2
