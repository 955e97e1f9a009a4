-- What casts texts to an enum type ($1) or its array type ($2): it reads values in
-- rows that do not follow when a value changes. A CHECK, which would fail at the next
-- write, is told apart; a default has no row to read.
WITH found AS (
    SELECT DISTINCT d.classid, d.objid
      FROM pg_catalog.pg_depend AS d
     WHERE d.refclassid = 'pg_type'::regclass
       AND d.refobjid IN ($1, $2)
), defined AS (
    SELECT c.oid IS NOT NULL AS fails,
           CASE WHEN r.rulename = '_RETURN' THEN pg_catalog.pg_describe_object('pg_class'::regclass, r.ev_class, 0)
                WHEN c.contypid <> 0 THEN pg_catalog.pg_describe_object(f.classid, f.objid, 0) || ' on domain ' || c.contypid::regtype
                ELSE pg_catalog.pg_describe_object(f.classid, f.objid, 0) END AS what,
           pg_catalog.concat(c.conbin, ' ', r.ev_qual, ' ', r.ev_action, ' ', g.tgqual, ' ', p.polqual, ' ', p.polwithcheck, ' ', b.prosqlbody) AS tree
      FROM found AS f
      LEFT JOIN pg_catalog.pg_constraint AS c ON f.classid = 'pg_constraint'::regclass AND c.oid = f.objid AND c.contype = 'c' AND c.coninhcount = 0
      LEFT JOIN pg_catalog.pg_rewrite AS r ON f.classid = 'pg_rewrite'::regclass AND r.oid = f.objid
      LEFT JOIN pg_catalog.pg_trigger AS g ON f.classid = 'pg_trigger'::regclass AND g.oid = f.objid AND g.tgparentid = 0
      LEFT JOIN pg_catalog.pg_policy AS p ON f.classid = 'pg_policy'::regclass AND p.oid = f.objid
      LEFT JOIN pg_catalog.pg_proc AS b ON f.classid = 'pg_proc'::regclass AND b.oid = f.objid
)
SELECT DISTINCT fails, what
  FROM defined
 WHERE pg_catalog.strpos(tree, ':resulttype ' || $1 || ' ') > 0
 ORDER BY 1 DESC, 2
