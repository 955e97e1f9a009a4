-- What has one of the values ($3) as text beside a column of an enum type ($1), of
-- its array type ($2) or of a domain over them, and so does not follow
-- when the value is renamed. What would fail then is told apart. Beside these, what
-- holds the result of a function, which PostgreSQL believes to be always the same.
WITH typ AS (
    SELECT oid FROM pg_catalog.pg_type WHERE oid IN ($1, $2) OR typtype = 'd' AND typbasetype IN ($1, $2)
), found AS (
    SELECT DISTINCT d.classid, d.objid, d.objsubid
      FROM pg_catalog.pg_attribute AS a
      JOIN pg_catalog.pg_depend AS d ON d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum
     WHERE a.atttypid IN (SELECT oid FROM typ)
     UNION
    SELECT 'pg_catalog.pg_constraint'::pg_catalog.regclass, oid, 0 FROM pg_catalog.pg_constraint WHERE contypid IN (SELECT oid FROM typ)
), defined AS (
    SELECT c.oid IS NOT NULL OR e.oid IS NOT NULL AS fails,
           CASE WHEN r.rulename = '_RETURN' THEN pg_catalog.pg_describe_object('pg_catalog.pg_class'::pg_catalog.regclass, r.ev_class, 0)
                WHEN c.contypid <> 0 THEN pg_catalog.pg_describe_object(f.classid, f.objid, 0) || ' on domain ' || c.contypid::pg_catalog.regtype
                ELSE pg_catalog.pg_describe_object(f.classid, f.objid, 0) END AS what,
           coalesce(pg_catalog.pg_get_constraintdef(c.oid), pg_catalog.pg_get_ruledef(r.oid), pg_catalog.pg_get_triggerdef(g.oid), pg_catalog.pg_get_expr(e.adbin, e.adrelid),
                    pg_catalog.concat(pg_catalog.pg_get_expr(p.polqual, p.polrelid), ' ', pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid))) AS def
      FROM found AS f
      LEFT JOIN pg_catalog.pg_constraint AS c ON f.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND c.oid = f.objid AND c.contype = 'c' AND c.coninhcount = 0
      LEFT JOIN pg_catalog.pg_rewrite AS r ON f.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND r.oid = f.objid
      LEFT JOIN pg_catalog.pg_trigger AS g ON f.classid = 'pg_catalog.pg_trigger'::pg_catalog.regclass AND g.oid = f.objid AND g.tgparentid = 0
      LEFT JOIN pg_catalog.pg_attrdef AS e ON f.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass AND e.oid = f.objid
                                          AND EXISTS (SELECT FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = e.adrelid AND a.attnum = e.adnum AND a.attgenerated = '')
      LEFT JOIN pg_catalog.pg_policy AS p ON f.classid = 'pg_catalog.pg_policy'::pg_catalog.regclass AND p.oid = f.objid
)
SELECT fails, what
  FROM defined
 WHERE EXISTS (SELECT FROM unnest($3::text[]) AS l (label)
                CROSS JOIN unnest('{text,varchar,bpchar}'::pg_catalog.regtype[]) AS t (typ)
                WHERE pg_catalog.strpos(def, pg_catalog.quote_literal(l.label) || '::' || pg_catalog.format_type(t.typ, NULL)) > 0)
 UNION
SELECT false, CASE WHEN g.oid IS NOT NULL THEN pg_catalog.pg_describe_object('pg_catalog.pg_class'::pg_catalog.regclass, g.adrelid, g.adnum)
                   ELSE pg_catalog.pg_describe_object(f.classid, f.objid, f.objsubid) END || ' (by a function: make it anew)'
  FROM found AS f
  LEFT JOIN pg_catalog.pg_class AS i ON f.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND i.oid = f.objid
  -- PostgreSQL 14 has the column itself for a generated column, later ones its expression.
  LEFT JOIN pg_catalog.pg_attrdef AS g ON (f.classid, f.objid, f.objsubid) IN (('pg_catalog.pg_attrdef'::pg_catalog.regclass, g.oid, 0),
                                                                              ('pg_catalog.pg_class'::pg_catalog.regclass, g.adrelid, g.adnum))
  LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid = g.adrelid AND a.attnum = g.adnum
 WHERE (i.relkind IN ('i', 'I') AND NOT i.relispartition OR a.attgenerated <> '')
   AND EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                WHERE d.classid = f.classid AND d.objid = f.objid AND d.objsubid = f.objsubid AND d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass)
 ORDER BY 1 DESC, 2
