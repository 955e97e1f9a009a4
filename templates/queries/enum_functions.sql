-- PL/pgSQL functions that open sessions may have planned with the type: those
-- of triggers on its tables ($1), and those whose text names it or them ($2).
-- With each the clause that says again what holds: a procedure has no COST.
SELECT DISTINCT pg_catalog.format('%s %I.%I(%s)', CASE p.prokind WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END,
                                  n.nspname, p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid)),
       CASE WHEN p.prokind <> 'p' THEN 'COST ' || p.procost WHEN p.prosecdef THEN 'SECURITY DEFINER' ELSE 'SECURITY INVOKER' END,
       pg_catalog.pg_has_role(p.proowner, 'USAGE')
  FROM pg_catalog.pg_proc AS p
  JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
  JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang
 WHERE l.lanname = 'plpgsql'
   AND n.nspname NOT IN ('pg_catalog', 'information_schema')
   AND (EXISTS (SELECT FROM pg_catalog.pg_trigger AS t WHERE t.tgfoid = p.oid AND t.tgrelid = ANY ($1))
        OR EXISTS (SELECT FROM unnest($2::text[]) AS w (name) WHERE pg_catalog.strpos(p.prosrc, w.name) > 0))
 ORDER BY 1
