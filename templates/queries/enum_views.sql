-- Views and materialized views ($1).
SELECT c.oid, pg_catalog.format('%I.%I', n.nspname, c.relname), c.relkind = 'm', pg_catalog.pg_get_viewdef(c.oid, true),
       ARRAY(SELECT pg_catalog.format('%s = %L', o.option_name, o.option_value) FROM pg_catalog.pg_options_to_table(c.reloptions) AS o),
       pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(c.relowner)), c.relowner::regrole <> current_user::regrole,
       c.relispopulated, coalesce(pg_catalog.obj_description(c.oid, 'pg_class'), ''),
       ARRAY(SELECT pg_catalog.format('COMMENT ON COLUMN %I.%I.%I IS %L', n.nspname, c.relname, a.attname, pg_catalog.col_description(c.oid, a.attnum))
               FROM pg_catalog.pg_attribute AS a
              WHERE a.attrelid = c.oid AND a.attnum > 0 AND pg_catalog.col_description(c.oid, a.attnum) IS NOT NULL
              ORDER BY a.attnum),
       ARRAY(SELECT pg_catalog.format(E'ALTER VIEW %I.%I\n    ALTER COLUMN %I SET DEFAULT %s', n.nspname, c.relname, a.attname, pg_catalog.pg_get_expr(d.adbin, d.adrelid, true))
               FROM pg_catalog.pg_attribute AS a
               JOIN pg_catalog.pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
              WHERE a.attrelid = c.oid
              ORDER BY a.attnum),
       ARRAY(SELECT pg_catalog.format(E'ALTER MATERIALIZED VIEW %I.%I\n    ALTER COLUMN %I SET STATISTICS %s', n.nspname, c.relname, a.attname, a.attstattarget)
               FROM pg_catalog.pg_attribute AS a
              WHERE a.attrelid = c.oid AND a.attnum > 0 AND a.attstattarget >= 0 AND c.relkind = 'm'
              ORDER BY a.attnum),
       coalesce((SELECT pg_catalog.quote_ident(spcname) FROM pg_catalog.pg_tablespace WHERE oid = c.reltablespace), ''),
       coalesce((SELECT pg_catalog.quote_ident(amname) FROM pg_catalog.pg_am WHERE oid = c.relam AND amname <> 'heap'), ''),
       c.relpersistence = 't'
  FROM pg_catalog.pg_class AS c
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 WHERE c.oid = ANY ($1)
 ORDER BY 2
