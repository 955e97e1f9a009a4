-- PL/pgSQL functions that open sessions may have planned with the type: those of
-- triggers on its tables and on views that are made again ($1), and on what
-- inherits from them or is a view over them, those that take or give whole rows of these, and those
-- whose text names one of these, such a function, or the type ($2).
-- With each the clause that says again what holds: a procedure has no COST.
WITH RECURSIVE family (oid) AS (
    SELECT unnest($1::oid[])
     UNION
    SELECT h.oid
      FROM family AS f
      JOIN (SELECT inhparent, inhrelid
              FROM pg_catalog.pg_inherits
             UNION ALL
            SELECT d.refobjid, r.ev_class
              FROM pg_catalog.pg_depend AS d
              JOIN pg_catalog.pg_rewrite AS r ON r.oid = d.objid AND r.rulename = '_RETURN'
             WHERE d.classid = 'pg_rewrite'::regclass
               AND d.refclassid = 'pg_class'::regclass) AS h (of_oid, oid) ON h.of_oid = f.oid
),
of_rows (oid, name) AS MATERIALIZED (
    SELECT p.oid, p.proname::text
      FROM pg_catalog.pg_proc AS p
     WHERE p.proargtypes::oid[] || p.proallargtypes || p.prorettype
           && ARRAY(SELECT unnest(ARRAY[t.oid, t.typarray]) FROM family AS f JOIN pg_catalog.pg_type AS t ON t.typrelid = f.oid)
),
word (name, whole) AS MATERIALIZED (
    SELECT lower(w.name), '(^|[^[:alnum:]_$])' || pg_catalog.regexp_replace(lower(w.name), '([^[:alnum:]_])', '\\\1', 'g') || '($|[^[:alnum:]_$])'
      FROM (SELECT $2::text
             UNION
            SELECT c.relname::text
              FROM family AS f
              JOIN pg_catalog.pg_class AS c ON c.oid = f.oid
             UNION
            SELECT name
              FROM of_rows) AS w (name)
),
routine AS MATERIALIZED ( -- few: a pattern is dear, and the server's own are thousands
    SELECT p.*, n.nspname, lower(p.prosrc) AS body
      FROM pg_catalog.pg_proc AS p
      JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
      JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang
     WHERE l.lanname = 'plpgsql'
       AND n.nspname NOT IN ('pg_catalog', 'information_schema')
)
SELECT pg_catalog.format('%s %I.%I(%s)', CASE p.prokind WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END,
                         p.nspname, p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid)),
       CASE WHEN p.prokind <> 'p' THEN 'COST ' || p.procost WHEN p.prosecdef THEN 'SECURITY DEFINER' ELSE 'SECURITY INVOKER' END,
       pg_catalog.pg_has_role(p.proowner, 'USAGE')
  FROM routine AS p
 WHERE p.oid IN (SELECT oid FROM of_rows)
    OR EXISTS (SELECT FROM pg_catalog.pg_trigger AS t WHERE t.tgfoid = p.oid AND t.tgrelid IN (SELECT oid FROM family))
    OR EXISTS (SELECT FROM word AS w WHERE CASE WHEN pg_catalog.strpos(p.body, w.name) > 0 THEN p.body ~ w.whole END)
 ORDER BY 1
