-- The tables that may hold rows, as (oid, name, size, key, same, values): size in
-- bytes, the columns of the primary key, what tells beside the rows themselves
-- whether they are the same (the file, and the values that old rows have by the
-- default of a later column), and the columns in order of their names, in a form
-- whose hash is equal for what looks equal alone: 1.5 is not 1.50.
--
-- $1 the schemas that are left out
SELECT c.oid, quote_ident(nspname) || '.' || quote_ident(relname), pg_relation_size(c.oid),
       ARRAY(SELECT attname::text FROM pg_index CROSS JOIN LATERAL unnest(indkey::int2[]) WITH ORDINALITY AS k (num, place)
               JOIN pg_attribute ON attrelid = indrelid AND attnum = num
              WHERE indrelid = c.oid AND indisprimary ORDER BY place),
       relfilenode || ' ' || (SELECT md5(string_agg(concat_ws(' ', attnum, attname, atttypid, atttypmod, attmissingval::text), ',' ORDER BY attnum)) FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped),
       coalesce((SELECT string_agg('the_row.' || quote_ident(attname)
                                   || CASE WHEN typname IN ('int2', 'int4', 'int8', 'oid', 'bool', 'uuid', 'date', 'timestamp', 'timestamptz', 'bytea') AND typnamespace = 'pg_catalog'::regnamespace THEN ''
                                           WHEN typname IN ('text', 'varchar') AND typnamespace = 'pg_catalog'::regnamespace THEN ' COLLATE "C"'
                                           ELSE '::text COLLATE "C"' END, ', ' ORDER BY attname)
                   FROM pg_attribute JOIN pg_type AS t ON t.oid = atttypid WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped), '')
  FROM pg_class AS c
  JOIN pg_namespace AS n ON n.oid = relnamespace
 WHERE relkind IN ('r', 'm') AND relpersistence <> 't' AND relispopulated AND pg_relation_size(c.oid) > 0
   AND nspname !~ '^pg_' AND nspname <> 'information_schema' AND nspname <> ALL ($1::text[])
   AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = c.oid AND deptype = 'e')
