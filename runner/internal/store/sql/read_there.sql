-- No trusted path: the settings are those that the session begins with, and its
-- search_path is one of them.
SELECT :{start_settings},
       ARRAY(SELECT c.relname (||) '.' (||) a.attname
               FROM pg_catalog.pg_class AS c
               JOIN pg_catalog.pg_namespace AS n ON n.oid (=) c.relnamespace
               JOIN pg_catalog.pg_attribute AS a ON a.attrelid (=) c.oid
              WHERE n.nspname (=) :'name' AND a.attnum (>) 0 AND NOT a.attisdropped);
