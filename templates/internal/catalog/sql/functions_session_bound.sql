-- Chooses, of functions ($1) and of types whose text is read or written ($2), those
-- that hang on the session. Most that are STABLE only may raise an error by a setting,
-- or read a catalog: those of times with a zone, and of money, give another result by
-- one. A type stands for those made of it.
WITH RECURSIVE made (oid, of) AS (
    SELECT oid, oid FROM pg_catalog.pg_type
     UNION
    SELECT m.oid, x.of
      FROM made AS m
      JOIN pg_catalog.pg_type AS t ON t.oid = m.of
      LEFT JOIN pg_catalog.pg_range AS r ON r.rngtypid = t.oid
     CROSS JOIN LATERAL (VALUES (t.typbasetype), (CASE WHEN t.typcategory = 'A' THEN t.typelem END), (r.rngsubtype)) AS x (of)
     WHERE x.of <> 0
)
SELECT 'the function ' || p.oid::regprocedure
  FROM pg_catalog.pg_proc AS p
 WHERE p.oid = ANY ($1::oid[])
   AND p.provolatile <> 'i'
   AND (p.provolatile = 'v' AND p.pronamespace = 'pg_catalog'::regnamespace
        OR EXISTS (SELECT FROM made AS m
                    WHERE (m.oid = p.prorettype OR m.oid = ANY (p.proargtypes))
                      AND m.of IN ('timestamptz'::regtype, 'timetz'::regtype, 'money'::regtype)))
 UNION ALL
SELECT 'the text of a ' || pg_catalog.format_type(m.oid, NULL)
  FROM made AS m
 WHERE m.oid = ANY ($2::oid[])
   AND m.of IN ('date'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype, 'timetz'::regtype, 'interval'::regtype, 'money'::regtype)
 ORDER BY 1
