-- What names one of the values ($3) of an enum type ($1, its array type is $2) and
-- goes on to do so when no row has it any more: views and materialized views,
-- conditions of indexes, rules, triggers, policies, generated columns, functions
-- with BEGIN ATOMIC.
WITH found AS (
    SELECT DISTINCT d.classid, d.objid
      FROM pg_catalog.pg_depend AS d
     WHERE d.refclassid = 'pg_type'::regclass
       AND d.refobjid IN ($1, $2)
), defined AS (
    SELECT CASE WHEN r.rulename = '_RETURN' THEN pg_catalog.pg_describe_object('pg_class'::regclass, r.ev_class, 0)
                WHEN e.oid IS NOT NULL THEN pg_catalog.pg_describe_object('pg_class'::regclass, e.adrelid, e.adnum)
                ELSE pg_catalog.pg_describe_object(f.classid, f.objid, 0) END AS what,
           CASE WHEN r.rulename = '_RETURN' THEN pg_catalog.pg_get_viewdef(r.ev_class)
                WHEN r.oid IS NOT NULL THEN pg_catalog.pg_get_ruledef(r.oid)
                WHEN x.oid IS NOT NULL THEN pg_catalog.pg_get_indexdef(x.oid)
                WHEN e.oid IS NOT NULL THEN pg_catalog.pg_get_expr(e.adbin, e.adrelid)
                WHEN g.oid IS NOT NULL THEN pg_catalog.pg_get_triggerdef(g.oid)
                WHEN p.oid IS NOT NULL THEN pg_catalog.concat(pg_catalog.pg_get_expr(p.polqual, p.polrelid), ' ', pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid))
                WHEN b.prosqlbody IS NOT NULL THEN pg_catalog.pg_get_function_sqlbody(b.oid) END AS def
      FROM found AS f
      LEFT JOIN pg_catalog.pg_rewrite AS r ON f.classid = 'pg_rewrite'::regclass AND r.oid = f.objid
      LEFT JOIN pg_catalog.pg_class AS x ON f.classid = 'pg_class'::regclass AND x.oid = f.objid AND x.relkind IN ('i', 'I') AND NOT x.relispartition
      LEFT JOIN pg_catalog.pg_attrdef AS e ON f.classid = 'pg_attrdef'::regclass AND e.oid = f.objid
                                          AND EXISTS (SELECT FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = e.adrelid AND a.attnum = e.adnum AND a.attgenerated <> '')
      LEFT JOIN pg_catalog.pg_trigger AS g ON f.classid = 'pg_trigger'::regclass AND g.oid = f.objid AND g.tgparentid = 0
      LEFT JOIN pg_catalog.pg_policy AS p ON f.classid = 'pg_policy'::regclass AND p.oid = f.objid
      LEFT JOIN pg_catalog.pg_proc AS b ON f.classid = 'pg_proc'::regclass AND b.oid = f.objid
)
SELECT DISTINCT what
  FROM defined
 WHERE EXISTS (SELECT
                 FROM unnest($3::text[]) AS l (label)
                WHERE pg_catalog.strpos(def, pg_catalog.quote_literal(l.label) || '::' || pg_catalog.format_type($1, NULL)) > 0
                   OR pg_catalog.strpos(def, '::' || pg_catalog.format_type($2, NULL)) > 0 -- a literal of an array
                      AND pg_catalog.strpos(def, pg_catalog.replace(l.label, '''', '''''')) > 0)
 ORDER BY 1
