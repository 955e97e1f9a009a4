-- Views and materialized views ($1).
SELECT c.oid, pg_catalog.format('%I.%I', n.nspname, c.relname), c.relkind = 'm', pg_catalog.pg_get_viewdef(c.oid, true),
       ARRAY(SELECT pg_catalog.format('%s = %L', o.option_name, o.option_value) FROM pg_catalog.pg_options_to_table(c.reloptions) AS o
              UNION ALL
             SELECT pg_catalog.format('toast.%s = %L', o.option_name, o.option_value)
               FROM pg_catalog.pg_class AS t
              CROSS JOIN pg_catalog.pg_options_to_table(t.reloptions) AS o
              WHERE t.oid = c.reltoastrelid),
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
       ARRAY(SELECT pg_catalog.format(E'ALTER MATERIALIZED VIEW %I.%I\n    ALTER COLUMN %I SET %s', n.nspname, c.relname, a.attname, s.what)
               FROM pg_catalog.pg_attribute AS a
               JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
              CROSS JOIN LATERAL (VALUES
                       (1, 'STATISTICS ' || CASE WHEN a.attstattarget >= 0 THEN a.attstattarget END),
                       (2, 'STORAGE ' || CASE WHEN a.attstorage <> t.typstorage THEN CASE a.attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END END),
                       (3, 'COMPRESSION ' || CASE a.attcompression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END),
                       (4, '(' || :options(a.attoptions) || ')')) AS s (n, what)
              WHERE a.attrelid = c.oid AND a.attnum > 0 AND c.relkind = 'm' AND s.what IS NOT NULL
              ORDER BY a.attnum, s.n),
       coalesce((SELECT pg_catalog.quote_ident(spcname) FROM pg_catalog.pg_tablespace WHERE oid = c.reltablespace), ''),
       coalesce((SELECT pg_catalog.quote_ident(amname) FROM pg_catalog.pg_am WHERE oid = c.relam AND amname <> 'heap'), ''),
       c.relpersistence = 't'
  FROM pg_catalog.pg_class AS c
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 WHERE c.oid = ANY ($1)
 ORDER BY 2
