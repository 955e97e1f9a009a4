BEGIN READ ONLY;
:set_role
:{session}
SELECT a.attname, pg_catalog.format_type(a.atttypid, NULL), pg_catalog.pg_has_role(c.relowner, 'USAGE'),
       pg_catalog.format('%I.%I', n.nspname, c.relname)
  FROM pg_catalog.pg_class AS c
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                                        AND a.attname = ANY (:'columns')
 WHERE c.oid = pg_catalog.to_regclass(:'table');
COMMIT;
