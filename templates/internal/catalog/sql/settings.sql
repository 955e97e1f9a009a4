-- What a column (table $1, number $2) has beside its type, as statements for
-- another column ($3) of that table.
WITH own AS (
    SELECT a.*, t.typstorage, pg_catalog.format('%I.%I', n.nspname, c.relname) AS name
      FROM pg_catalog.pg_attribute AS a
      JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
      JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
     WHERE a.attrelid = $1
       AND a.attnum = $2
),
setting (what) AS (
    SELECT 'STATISTICS ' || attstattarget FROM own WHERE attstattarget >= 0
     UNION ALL
    SELECT 'STORAGE ' || CASE attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END FROM own WHERE attstorage <> typstorage
     UNION ALL
    SELECT 'COMPRESSION ' || CASE attcompression WHEN 'p' THEN 'pglz' ELSE 'lz4' END FROM own WHERE attcompression <> ''
     UNION ALL
    SELECT '(' || :options(attoptions) || ')' FROM own
)
SELECT pg_catalog.format(E'ALTER TABLE %s\n    ALTER COLUMN %I SET %s', o.name, $3::text, s.what)
  FROM own AS o
  JOIN setting AS s ON s.what IS NOT NULL
 UNION ALL
SELECT pg_catalog.format('COMMENT ON COLUMN %s.%I IS %L', o.name, $3::text, pg_catalog.col_description($1, $2))
  FROM own AS o
 WHERE pg_catalog.col_description($1, $2) IS NOT NULL
 UNION ALL
SELECT pg_catalog.format('GRANT %s (%I) ON %s TO %s%s', g.privilege_type, $3::text, o.name,
                         CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(g.grantee)) END,
                         CASE WHEN g.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
  FROM own AS o
 CROSS JOIN pg_catalog.aclexplode(o.attacl) AS g
 ORDER BY 1
