-- Functions whose text names a type ($1) as a word, which may be a column's
-- name just as well, and the call by which their language looks them over.
SELECT p.oid::pg_catalog.regprocedure::text,
       coalesce((SELECT pg_catalog.format('SELECT %I.%I(%s::pg_catalog.oid)', vn.nspname, v.proname, p.oid)
                   FROM pg_catalog.pg_proc AS v
                   JOIN pg_catalog.pg_namespace AS vn ON vn.oid = v.pronamespace
                  WHERE v.oid = l.lanvalidator), 'SELECT')
  FROM pg_catalog.pg_proc AS p
  JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
  JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang
 WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')
   AND l.lanname NOT IN ('internal', 'c')
   AND p.prosrc ~ ('(^|[^[:alnum:]_$])' || pg_catalog.regexp_replace($1, '([^[:alnum:]_])', '\\\1', 'g') || '($|[^[:alnum:]_$])')
   AND NOT EXISTS (SELECT
                     FROM pg_catalog.pg_depend AS d
                    WHERE d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass
                      AND d.objid = p.oid
                      AND d.deptype = 'e')
 ORDER BY 1
