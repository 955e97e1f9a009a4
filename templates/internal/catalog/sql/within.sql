-- Types that hold values of an enum type ($1, or its array type $2): domains,
-- composite types and ranges.
SELECT DISTINCT pg_catalog.pg_describe_object(d.classid, d.objid, 0)
  FROM pg_catalog.pg_depend AS d
  LEFT JOIN pg_catalog.pg_type AS t ON d.classid = 'pg_type'::regclass AND t.oid = d.objid
  LEFT JOIN pg_catalog.pg_class AS c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid
 WHERE d.refclassid = 'pg_type'::regclass
   AND d.refobjid IN ($1, $2)
   AND (t.typtype IN ('d', 'r') OR c.relkind = 'c')
 ORDER BY 1
