-- Which of the names ($2) a relation, a function or a type of a schema ($1) has.
SELECT relname FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 WHERE n.nspname = $1 AND relname = ANY ($2)
 UNION
SELECT proname FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
 WHERE n.nspname = $1 AND proname = ANY ($2)
 UNION
SELECT typname FROM pg_catalog.pg_type AS y JOIN pg_catalog.pg_namespace AS n ON n.oid = y.typnamespace
 WHERE n.nspname = $1 AND typname = ANY ($2)
