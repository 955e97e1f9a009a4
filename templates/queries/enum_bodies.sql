-- Functions whose text names one of the labels ($1): PostgreSQL does not know
-- what a text body means, so nothing changes there.
SELECT p.oid::pg_catalog.regprocedure::text, l.label
  FROM pg_catalog.pg_proc AS p
  JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
 CROSS JOIN unnest($1::text[]) AS l (label)
 WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')
   AND pg_catalog.strpos(p.prosrc, pg_catalog.quote_literal(l.label)) > 0
   AND NOT EXISTS (SELECT
                     FROM pg_catalog.pg_depend AS d
                    WHERE d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass
                      AND d.objid = p.oid
                      AND d.deptype = 'e')
 ORDER BY 1, 2
