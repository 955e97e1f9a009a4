-- Rules ($1) other than those that are views.
SELECT r.oid, r.ev_class, pg_catalog.format('%I.%I', n.nspname, c.relname), pg_catalog.quote_ident(r.rulename),
       pg_catalog.pg_get_ruledef(r.oid, true), r.ev_enabled, coalesce(pg_catalog.obj_description(r.oid, 'pg_rewrite'), '')
  FROM pg_catalog.pg_rewrite AS r
  JOIN pg_catalog.pg_class AS c ON c.oid = r.ev_class
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 WHERE r.oid = ANY ($1)
   AND r.rulename <> '_RETURN'
 ORDER BY 3, 4
