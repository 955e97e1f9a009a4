-- The types of the server and of the schemas ($1).
SELECT CASE WHEN n.nspname = 'pg_catalog' THEN pg_catalog.format_type(t.oid, NULL) ELSE pg_catalog.quote_ident(t.typname) END
  FROM pg_catalog.pg_type AS t
  JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
 WHERE t.typtype IN ('b', 'd', 'e', 'r') AND t.typcategory <> 'A' AND n.nspname = ANY (ARRAY['pg_catalog'::name] || $1::name[]) ORDER BY 1
