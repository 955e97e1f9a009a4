-- The enum types that there are, as they would be typed where these schemas ($1) are
-- searched.
SELECT CASE WHEN n.nspname = ANY ($1) THEN pg_catalog.quote_ident(t.typname) ELSE pg_catalog.format_type(t.oid, NULL) END
  FROM pg_catalog.pg_type AS t
  JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
 WHERE t.typtype = 'e'
 ORDER BY 1
