-- All tables, partitions too; those in the schemas ($1) without their schema.
SELECT CASE WHEN n.nspname = ANY ($1) THEN pg_catalog.quote_ident(c.relname) ELSE c.oid::regclass::text END
  FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'rung') AND n.nspname NOT LIKE 'pg\_%'
 ORDER BY 1
