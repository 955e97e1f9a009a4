-- The grants on a table ($1) as grants on a view of another schema.
SELECT pg_catalog.format('GRANT %s ON %I.%I TO %s%s', pg_catalog.string_agg(g.privilege_type, ', ' ORDER BY g.privilege_type), $2::text, c.relname,
                         CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(g.grantee)) END,
                         CASE WHEN g.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
  FROM pg_catalog.pg_class AS c
 CROSS JOIN pg_catalog.aclexplode(c.relacl) AS g
 WHERE c.oid = $1 AND g.grantee <> c.relowner AND g.privilege_type IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
 GROUP BY c.relname, g.grantee, g.is_grantable
 ORDER BY 1
