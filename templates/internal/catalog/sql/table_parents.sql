-- The parents of a table ($1) that have a column ($2).
SELECT h.inhparent::regclass
  FROM pg_catalog.pg_inherits AS h
  JOIN pg_catalog.pg_attribute AS a ON a.attrelid = h.inhrelid
 WHERE h.inhrelid = $1 AND a.attname = $2 AND a.attinhcount > 0
 ORDER BY h.inhseqno
