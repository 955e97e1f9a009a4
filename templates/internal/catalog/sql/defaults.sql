-- Defaults and generation expressions ($1) of tables.
SELECT d.oid, d.adrelid, d.adnum, pg_catalog.format('%I.%I', n.nspname, c.relname), pg_catalog.quote_ident(a.attname), a.attname,
       pg_catalog.pg_get_expr(d.adbin, d.adrelid, true), a.attgenerated <> '', a.attinhcount > 0, a.attinhcount > 0 AND a.attislocal,
       pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull,
       CASE WHEN a.attcollation <> t.typcollation THEN (SELECT pg_catalog.format('%I.%I', ln.nspname, l.collname)
                                                          FROM pg_catalog.pg_collation AS l
                                                          JOIN pg_catalog.pg_namespace AS ln ON ln.oid = l.collnamespace
                                                         WHERE l.oid = a.attcollation)
            ELSE '' END,
       NOT EXISTS (SELECT FROM pg_catalog.pg_attribute AS later WHERE later.attrelid = a.attrelid AND later.attnum > a.attnum AND NOT later.attisdropped)
  FROM pg_catalog.pg_attrdef AS d
  JOIN pg_catalog.pg_class AS c ON c.oid = d.adrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_attribute AS a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
  JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
 WHERE d.oid = ANY ($1)
   AND c.relkind IN ('r', 'p')
 ORDER BY 4, 3
