-- Everything that hangs on an enum type ($1), or on the column ($3) of a table
-- ($2) and of those that have it from there: each reached object with what it
-- depends on. pg_depend tells most of it; the rest is added by hand.
WITH RECURSIVE
link (classid, objid, objsubid, refclassid, refobjid, refobjsubid) AS (
    SELECT classid, objid, objsubid, refclassid, refobjid, refobjsubid
      FROM pg_catalog.pg_depend
     WHERE deptype IN ('n', 'a', 'i')
     UNION ALL -- a table is bound to its partition key
    SELECT classid, objid, 0, classid, objid, objsubid
      FROM pg_catalog.pg_depend
     WHERE deptype = 'i'
       AND (classid, objid) = (refclassid, refobjid)
       AND objsubid > 0
     UNION ALL -- an element type has its array type
    SELECT 'pg_type'::regclass, typarray, 0, 'pg_type'::regclass, oid, 0
      FROM pg_catalog.pg_type
     WHERE typarray <> 0
     UNION ALL -- a range type has its multirange type
    SELECT 'pg_type'::regclass, rngmultitypid, 0, 'pg_type'::regclass, rngtypid, 0
      FROM pg_catalog.pg_range
     UNION ALL -- a view is its rule
    SELECT 'pg_class'::regclass, r.ev_class, 0, 'pg_rewrite'::regclass, r.oid, 0
      FROM pg_catalog.pg_rewrite AS r
     WHERE r.rulename = '_RETURN'
     UNION ALL -- a column of a view takes the view with it, and the other way round
    SELECT 'pg_class'::regclass, c.oid, 0, 'pg_class'::regclass, c.oid, a.attnum
      FROM pg_catalog.pg_class AS c
      JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
     WHERE c.relkind IN ('v', 'm')
     UNION ALL
    SELECT 'pg_class'::regclass, c.oid, a.attnum, 'pg_class'::regclass, c.oid, 0
      FROM pg_catalog.pg_class AS c
      JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
     WHERE c.relkind IN ('v', 'm')
     UNION ALL -- a generated column is its expression
    SELECT 'pg_class'::regclass, d.adrelid, d.adnum, 'pg_attrdef'::regclass, d.oid, 0
      FROM pg_catalog.pg_attrdef AS d
      JOIN pg_catalog.pg_attribute AS a ON a.attrelid = d.adrelid AND a.attnum = d.adnum AND a.attgenerated <> ''
     UNION ALL -- an index may be a constraint
    SELECT 'pg_constraint'::regclass, oid, 0, 'pg_class'::regclass, conindid, 0
      FROM pg_catalog.pg_constraint
     WHERE contype IN ('p', 'u', 'x')
),
family (oid) AS (
    SELECT $2::oid
     UNION
    SELECT h.inhrelid
      FROM family AS f
      JOIN pg_catalog.pg_inherits AS h ON h.inhparent = f.oid
),
reached (classid, objid, objsubid) AS (
    (SELECT 'pg_type'::regclass::oid, $1::oid, 0
      UNION
     SELECT 'pg_class'::regclass::oid, a.attrelid, a.attnum::int
       FROM family AS f
       JOIN pg_catalog.pg_attribute AS a ON a.attrelid = f.oid AND a.attname = $3)
     UNION
    SELECT l.classid, l.objid, l.objsubid
      FROM reached AS r
      JOIN link AS l ON (l.refclassid, l.refobjid, l.refobjsubid) = (r.classid, r.objid, r.objsubid)
)
SELECT l.classid::regclass::text, l.objid, l.objsubid, coalesce(c.relkind, ''), coalesce(t.typtype, ''),
       coalesce(t.typrelid, 0) <> 0 OR coalesce(e.typrelid, 0) <> 0,
       l.refclassid::regclass::text, l.refobjid, l.refobjsubid,
       coalesce(pg_catalog.pg_describe_object(l.classid, l.objid, l.objsubid), ''),
       coalesce(a.attgenerated, '') <> '',
       EXISTS (SELECT
                 FROM pg_catalog.pg_depend AS x
                WHERE x.classid = l.classid AND x.objid = l.objid AND x.deptype IN ('e', 'x'))
  FROM reached AS r
  JOIN link AS l ON (l.refclassid, l.refobjid, l.refobjsubid) = (r.classid, r.objid, r.objsubid)
  LEFT JOIN pg_catalog.pg_class AS c ON l.classid = 'pg_class'::regclass AND c.oid = l.objid
  LEFT JOIN pg_catalog.pg_attribute AS a ON l.classid = 'pg_class'::regclass AND a.attrelid = l.objid AND a.attnum = l.objsubid AND l.objsubid > 0
  LEFT JOIN pg_catalog.pg_type AS t ON l.classid = 'pg_type'::regclass AND t.oid = l.objid
  LEFT JOIN pg_catalog.pg_type AS e ON e.oid = t.typelem
 ORDER BY 1, 2, 3, 7, 8, 9
