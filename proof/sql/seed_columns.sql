-- The columns of all tables of the user's, in order: what a value for one is
-- made by.
WITH RECURSIVE below AS (
    SELECT oid, oid AS base, typtypmod FROM pg_type WHERE typtype = 'd'
    UNION ALL
    SELECT below.oid, typbasetype, CASE WHEN below.typtypmod = -1 THEN t.typtypmod ELSE below.typtypmod END
      FROM below JOIN pg_type AS t ON t.oid = below.base WHERE t.typtype = 'd'
), basic AS ( -- each type, without the domains over it
    SELECT t.oid, coalesce(b.base, t.oid) AS base, coalesce(b.typtypmod, -1) AS typmod
      FROM pg_type AS t LEFT JOIN below AS b ON b.oid = t.oid AND (SELECT typtype FROM pg_type AS x WHERE x.oid = b.base) <> 'd'
     WHERE t.typtype <> 'd' OR b.base IS NOT NULL
)
SELECT a.attrelid::int8, a.attname, format_type(a.atttypid, a.atttypmod), e.typname, e.typcategory::text,
       CASE WHEN e.typname IN ('varchar', 'bpchar') THEN greatest(CASE WHEN a.atttypmod > 0 THEN a.atttypmod ELSE basic.typmod END - 4, 0)
            WHEN e.typname IN ('bit', 'varbit') THEN greatest(a.atttypmod, 0) ELSE 0 END,
       ARRAY(SELECT enumlabel::text FROM pg_enum WHERE enumtypid = e.oid ORDER BY enumsortorder),
       a.attnotnull OR d.typnotnull,
       -- What a sequence gives is left to it, or the rows of a migration would collide with ours.
       a.attgenerated <> '' OR a.attidentity <> '' OR coalesce(pg_get_expr(adbin, adrelid) ~ '^nextval\(', false),
       adbin IS NOT NULL,
       b.typcategory = 'A',
       coalesce(k.confrelid, 0)::int8, coalesce(k.confrelid::regclass::text, ''), coalesce(k.theirs, '')
  FROM pg_attribute AS a
  JOIN pg_class AS c ON c.oid = a.attrelid
  JOIN pg_type AS d ON d.oid = a.atttypid
  JOIN basic ON basic.oid = a.atttypid
  JOIN pg_type AS b ON b.oid = basic.base
  JOIN pg_type AS e ON e.oid = CASE WHEN b.typcategory = 'A' AND b.typelem <> 0 THEN b.typelem ELSE b.oid END
  LEFT JOIN pg_attrdef ON adrelid = a.attrelid AND adnum = a.attnum
  LEFT JOIN LATERAL (
      SELECT confrelid, r.attname AS theirs
        FROM pg_constraint CROSS JOIN LATERAL unnest(conkey, confkey) AS pair (own, other)
        JOIN pg_attribute AS r ON r.attrelid = confrelid AND r.attnum = pair.other
       WHERE conrelid = a.attrelid AND contype = 'f' AND pair.own = a.attnum
       ORDER BY pg_constraint.oid LIMIT 1
  ) AS k ON true
 WHERE relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped AND c.oid >= 16384
 ORDER BY a.attrelid, a.attnum
