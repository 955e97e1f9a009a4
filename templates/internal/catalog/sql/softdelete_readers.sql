-- Functions, those in which the column's name stands, as far as they are the table's
-- triggers or name it too.
SELECT CASE WHEN r.rulename = '_RETURN' THEN pg_catalog.pg_describe_object('pg_catalog.pg_class'::regclass, r.ev_class, 0)
            WHEN f.oid IS NOT NULL THEN pg_catalog.pg_describe_object('pg_catalog.pg_class'::regclass, f.adrelid, f.adnum)
            ELSE pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid) END AS reader
  FROM pg_catalog.pg_attribute AS a
  JOIN pg_catalog.pg_depend AS d ON d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum
  LEFT JOIN pg_catalog.pg_rewrite AS r ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND r.oid = d.objid
  LEFT JOIN pg_catalog.pg_class AS c ON d.classid = 'pg_catalog.pg_class'::regclass AND c.oid = d.objid
  LEFT JOIN pg_catalog.pg_attrdef AS f ON d.classid = 'pg_catalog.pg_attrdef'::regclass AND f.oid = d.objid
 WHERE a.attrelid = $1 AND a.attname = $2
   AND d.classid <> 'pg_catalog.pg_statistic_ext'::regclass
   AND coalesce(c.relkind NOT IN ('i', 'I', 'S'), true)
   AND f.adnum IS DISTINCT FROM a.attnum
 UNION
SELECT 'function ' || p.oid::regprocedure || ', whose text has the name'
  FROM pg_catalog.pg_proc AS p
  JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
  JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang
 CROSS JOIN (SELECT '(^|\W)' || regexp_replace($2::text, '(\W)', '\\\1', 'g') || '($|\W)' AS has_column,
                    '(^|\W)' || regexp_replace(relname, '(\W)', '\\\1', 'g') || '($|\W)' AS has_table
               FROM pg_catalog.pg_class WHERE oid = $1) AS name
 WHERE l.lanname NOT IN ('internal', 'c')
   AND n.nspname NOT LIKE 'pg\_%' AND n.nspname NOT IN ('information_schema', 'rung')
   AND p.prosrc ~* name.has_column
   AND (p.prosrc ~* name.has_table OR EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgfoid = p.oid AND g.tgrelid = $1))
 ORDER BY 1
