-- Tables that have a column ($2) from a table ($1), at whatever distance, and
-- not its default.
WITH RECURSIVE :family,
known AS (
    SELECT f.oid, pg_catalog.pg_get_expr(d.adbin, d.adrelid) AS value
      FROM family AS f
      JOIN pg_catalog.pg_attribute AS a ON a.attrelid = f.oid AND a.attname = $2
      LEFT JOIN pg_catalog.pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
)
SELECT 'the default of ' || k.oid::regclass || '.' || pg_catalog.quote_ident($2)
  FROM known AS k
  JOIN known AS root ON root.oid = $1
 WHERE k.value IS DISTINCT FROM root.value
 ORDER BY 1
