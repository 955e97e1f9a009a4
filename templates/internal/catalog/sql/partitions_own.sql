-- Lists what partitions of a table ($1) have on its column ($2) that the table's does
-- not give them.
WITH here AS (
    SELECT p.relid, a.attname, a.attnum, a.attnotnull AND NOT o.attnotnull AS required,
           pg_catalog.pg_get_expr(d.adbin, d.adrelid) IS DISTINCT FROM pg_catalog.pg_get_expr(e.adbin, e.adrelid) AS by_default,
           (a.attstorage, a.attcompression, a.attstattarget, :options(a.attoptions)) IS DISTINCT FROM (o.attstorage, o.attcompression, o.attstattarget, :options(o.attoptions)) AS settings,
           a.attacl IS NOT NULL AS granted, pg_catalog.col_description(a.attrelid, a.attnum) IS NOT NULL AS comment
      FROM pg_catalog.pg_partition_tree($1::oid::regclass) AS p
      JOIN pg_catalog.pg_attribute AS o ON o.attrelid = $1 AND o.attname = $2
      JOIN pg_catalog.pg_attribute AS a ON a.attrelid = p.relid AND a.attname = o.attname
      LEFT JOIN pg_catalog.pg_attrdef AS e ON e.adrelid = o.attrelid AND e.adnum = o.attnum
      LEFT JOIN pg_catalog.pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
     WHERE p.level > 0
)
SELECT what
  FROM here
 CROSS JOIN LATERAL (VALUES (required, 'NOT NULL'), (by_default, 'the default'), (settings, 'the settings'), (granted, 'the grants'), (comment, 'the comment')) AS own (differs, name)
 CROSS JOIN LATERAL pg_catalog.format('%s of %s', own.name, relid::regclass) AS what
 WHERE own.differs
 UNION
SELECT pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid)
  FROM here
  JOIN pg_catalog.pg_depend AS d ON d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = here.relid AND d.refobjsubid = here.attnum
  LEFT JOIN pg_catalog.pg_class AS i ON d.classid = 'pg_catalog.pg_class'::regclass AND i.oid = d.objid
  LEFT JOIN pg_catalog.pg_constraint AS c ON d.classid = 'pg_catalog.pg_constraint'::regclass AND c.oid = d.objid
  LEFT JOIN pg_catalog.pg_trigger AS g ON d.classid = 'pg_catalog.pg_trigger'::regclass AND g.oid = d.objid
  LEFT JOIN pg_catalog.pg_attrdef AS e ON d.classid = 'pg_catalog.pg_attrdef'::regclass AND e.oid = d.objid
 WHERE NOT (e.adrelid IS NOT NULL AND e.adnum = here.attnum)
   AND NOT coalesce(i.relispartition, false)
   AND NOT coalesce(c.contype = 'n' OR c.conparentid <> 0 OR c.coninhcount > 0, false)
   AND coalesce(g.tgparentid, 0) = 0
 ORDER BY 1
