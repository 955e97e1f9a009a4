-- A column ($2) of a table ($1): whether it is text, whether it comes from a
-- parent, its type, its number, and what hangs on it that an enum cannot have:
-- keys that tie it to other columns of text, and operator classes of text.
SELECT t.typcategory = 'S' AND t.typtype = 'b', a.attinhcount > 0, a.attnum,
       pg_catalog.format_type(a.atttypid, a.atttypmod)
       || CASE WHEN a.attcollation <> t.typcollation THEN ' COLLATE ' || (SELECT pg_catalog.format('%I.%I', n.nspname, l.collname)
                                                                           FROM pg_catalog.pg_collation AS l
                                                                           JOIN pg_catalog.pg_namespace AS n ON n.oid = l.collnamespace
                                                                          WHERE l.oid = a.attcollation) ELSE '' END,
       ARRAY(SELECT pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid)
               FROM pg_catalog.pg_depend AS d
               LEFT JOIN pg_catalog.pg_index AS i ON d.classid = 'pg_class'::regclass AND i.indexrelid = d.objid
               LEFT JOIN pg_catalog.pg_constraint AS k ON d.classid = 'pg_constraint'::regclass AND k.oid = d.objid
              WHERE d.refclassid = 'pg_class'::regclass
                AND d.refobjid = a.attrelid
                AND d.refobjsubid = a.attnum
                AND d.deptype IN ('n', 'a', 'i')
                AND (k.contype IN ('f', 'x')
                     OR EXISTS (SELECT
                                  FROM unnest(i.indclass) AS o (oid)
                                  JOIN pg_catalog.pg_opclass AS c ON c.oid = o.oid
                                 WHERE NOT c.opcdefault)))
       || ARRAY(SELECT 'the default of ' || ca.attrelid::regclass::text || '.' || pg_catalog.quote_ident(ca.attname)
                  FROM pg_catalog.pg_attribute AS ca
                  JOIN pg_catalog.pg_inherits AS h ON h.inhrelid = ca.attrelid
                  LEFT JOIN pg_catalog.pg_attrdef AS cd ON cd.adrelid = ca.attrelid AND cd.adnum = ca.attnum
                  LEFT JOIN pg_catalog.pg_attrdef AS rd ON rd.adrelid = a.attrelid AND rd.adnum = a.attnum
                 WHERE h.inhparent = a.attrelid
                   AND ca.attname = a.attname
                   AND pg_catalog.pg_get_expr(cd.adbin, cd.adrelid) IS DISTINCT FROM pg_catalog.pg_get_expr(rd.adbin, rd.adrelid))
  FROM pg_catalog.pg_attribute AS a
  JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
 WHERE a.attrelid = $1
   AND a.attname = $2
   AND NOT a.attisdropped
