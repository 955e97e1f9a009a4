-- The tables that may get rows, as (oid, name, words, parents, checks): words are
-- what a file that touches the table may call it by, parents the tables that
-- its foreign keys point at, checks the texts of its CHECK constraints and of
-- those of its columns' domains.
--
-- $1 the schemas that are left out
SELECT c.oid, quote_ident(nspname) || '.' || quote_ident(relname),
       ARRAY(SELECT c.relname::text UNION
             SELECT coalesce(e.typname, t.typname)::text
               FROM pg_attribute JOIN pg_type AS t ON t.oid = atttypid LEFT JOIN pg_type AS e ON e.oid = t.typelem AND t.typcategory = 'A'
              WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND coalesce(e.typnamespace, t.typnamespace) <> 'pg_catalog'::regnamespace),
       ARRAY(SELECT DISTINCT confrelid::int8 FROM pg_constraint WHERE conrelid = c.oid AND contype = 'f'),
       ARRAY(SELECT pg_get_constraintdef(k.oid) FROM pg_constraint AS k WHERE k.conrelid = c.oid AND k.contype = 'c'
             UNION ALL
             SELECT attname || ' ' || pg_get_constraintdef(k.oid) FROM pg_attribute JOIN pg_constraint AS k ON k.contypid = atttypid AND k.contype = 'c' WHERE attrelid = c.oid AND attnum > 0)
  FROM pg_class AS c
  JOIN pg_namespace AS n ON n.oid = relnamespace
 WHERE relkind IN ('r', 'p') AND NOT relispartition AND relpersistence <> 't'
   AND nspname !~ '^pg_' AND nspname <> 'information_schema' AND nspname <> ALL ($1::text[])
   AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = c.oid AND deptype = 'e')
