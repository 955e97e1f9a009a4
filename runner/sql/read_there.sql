SELECT :{start_settings},
       ARRAY(SELECT c.relname OPERATOR(pg_catalog.||) '.' OPERATOR(pg_catalog.||) a.attname
               FROM pg_catalog.pg_class AS c
               JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
               JOIN pg_catalog.pg_attribute AS a ON a.attrelid OPERATOR(pg_catalog.=) c.oid
              WHERE n.nspname OPERATOR(pg_catalog.=) :'name'::name AND a.attnum OPERATOR(pg_catalog.>) 0::int2 AND NOT a.attisdropped);
