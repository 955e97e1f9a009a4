-- Row security policies ($1). PostgreSQL has no function that writes them.
SELECT p.oid, p.polrelid, pg_catalog.format('%I.%I', n.nspname, c.relname), pg_catalog.quote_ident(p.polname),
       CASE WHEN p.polpermissive THEN '' ELSE 'RESTRICTIVE' END,
       CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE '' END,
       coalesce((SELECT string_agg(CASE r WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(r)) END, ', ' ORDER BY r)
                   FROM unnest(p.polroles) AS r
                  WHERE p.polroles <> '{0}'), ''),
       coalesce(pg_catalog.pg_get_expr(p.polqual, p.polrelid, true), ''),
       coalesce(pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid, true), ''),
       coalesce(pg_catalog.obj_description(p.oid, 'pg_policy'), '')
  FROM pg_catalog.pg_policy AS p
  JOIN pg_catalog.pg_class AS c ON c.oid = p.polrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 WHERE p.oid = ANY ($1)
 ORDER BY 3, 4
