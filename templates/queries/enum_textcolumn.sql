-- A column ($2) of a table ($1): whether it is text, whether it comes from a
-- parent, its type, and what hangs on it that a change of type does not carry
-- along: all but its default, its own CHECKs, and plain indexes.
SELECT t.typcategory = 'S' AND t.typtype = 'b', a.attinhcount > 0,
       pg_catalog.format_type(a.atttypid, a.atttypmod)
       || CASE WHEN a.attcollation <> t.typcollation THEN ' COLLATE ' || (SELECT pg_catalog.format('%I.%I', n.nspname, l.collname)
                                                                           FROM pg_catalog.pg_collation AS l
                                                                           JOIN pg_catalog.pg_namespace AS n ON n.oid = l.collnamespace
                                                                          WHERE l.oid = a.attcollation) ELSE '' END,
       ARRAY(SELECT pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid)
               FROM pg_catalog.pg_depend AS d
               LEFT JOIN pg_catalog.pg_index AS i ON d.classid = 'pg_class'::regclass AND i.indexrelid = d.objid
               LEFT JOIN pg_catalog.pg_constraint AS k ON d.classid = 'pg_constraint'::regclass AND k.oid = d.objid
               LEFT JOIN pg_catalog.pg_attrdef AS f ON d.classid = 'pg_attrdef'::regclass AND f.oid = d.objid
               LEFT JOIN pg_catalog.pg_statistic_ext AS s ON d.classid = 'pg_statistic_ext'::regclass AND s.oid = d.objid
              WHERE d.refclassid = 'pg_class'::regclass
                AND d.refobjid = a.attrelid
                AND d.refobjsubid = a.attnum
                AND d.deptype IN ('n', 'a', 'i')
                AND NOT (i.indexrelid IS NOT NULL AND i.indexprs IS NULL AND i.indpred IS NULL
                         AND NOT EXISTS (SELECT
                                           FROM unnest(i.indclass) AS o (oid)
                                           JOIN pg_catalog.pg_opclass AS c ON c.oid = o.oid
                                          WHERE NOT c.opcdefault))
                AND NOT coalesce(k.contype IN ('p', 'u') OR k.contype = 'c' AND k.conkey = ARRAY[a.attnum], false)
                AND NOT coalesce(f.adnum = a.attnum, false)
                AND NOT coalesce(s.stxexprs IS NULL AND s.oid IS NOT NULL, false))
       || ARRAY(SELECT 'partition key of ' || p.partrelid::regclass::text
                  FROM pg_catalog.pg_partitioned_table AS p
                 WHERE p.partrelid = a.attrelid AND a.attnum = ANY (p.partattrs::int2[]))
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
