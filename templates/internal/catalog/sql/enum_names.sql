-- The enum types; those in the schemas ($1) without their schema.
SELECT CASE WHEN n.nspname = ANY ($1) THEN pg_catalog.quote_ident(t.typname) ELSE t.oid::regtype::text END
  FROM pg_catalog.pg_type AS t JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
 WHERE t.typtype = 'e' AND n.nspname NOT IN ('pg_catalog', 'information_schema')
 ORDER BY 1
