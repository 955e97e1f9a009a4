-- Integer columns named after one of the tables ($1), with no foreign key.
SELECT x.name
  FROM (SELECT pg_catalog.format('%I.%I.%I', n.nspname, c.relname, a.attname) AS name
          FROM pg_catalog.pg_attribute AS a
          JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p')
          JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'rung')
         WHERE a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int4[]'::regtype)
           AND EXISTS (SELECT FROM unnest($1::text[]) AS s WHERE a.attname ~* (s || '.*id'))) AS x
 WHERE x.name <> ALL ($2)
 ORDER BY 1
