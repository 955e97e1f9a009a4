-- Functions whose text names one of the values ($1): PostgreSQL does not know
-- what a text body means, so nothing changes there. Of a BEGIN ATOMIC body it does,
-- but for what is a text there; and what a trigger hands to its function is one.
SELECT p.oid::pg_catalog.regprocedure::text, l.label
  FROM pg_catalog.pg_proc AS p
  JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
 CROSS JOIN unnest($1::text[]) AS l (label)
 WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')
   AND (pg_catalog.strpos(p.prosrc, pg_catalog.quote_literal(l.label)) > 0
        OR p.prosqlbody IS NOT NULL
           AND EXISTS (SELECT FROM unnest('{text,varchar,bpchar}'::pg_catalog.regtype[]) AS t (typ)
                        WHERE pg_catalog.strpos(pg_catalog.pg_get_function_sqlbody(p.oid), pg_catalog.quote_literal(l.label) || '::' || pg_catalog.format_type(t.typ, NULL)) > 0))
   AND NOT EXISTS (SELECT
                     FROM pg_catalog.pg_depend AS d
                    WHERE d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass
                      AND d.objid = p.oid
                      AND d.deptype = 'e')
 UNION
SELECT pg_catalog.pg_describe_object('pg_catalog.pg_trigger'::pg_catalog.regclass, g.oid, 0), l.label
  FROM pg_catalog.pg_trigger AS g
 CROSS JOIN unnest($1::text[]) AS l (label)
 WHERE NOT g.tgisinternal
   AND g.tgparentid = 0
   AND g.tgnargs > 0
   AND pg_catalog.encode(pg_catalog.convert_to(l.label, pg_catalog.getdatabaseencoding()), 'escape')
       = ANY (pg_catalog.string_to_array(pg_catalog.encode(g.tgargs, 'escape'), '\000'))
 ORDER BY 1, 2
