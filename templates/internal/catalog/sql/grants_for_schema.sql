-- USAGE on a schema ($2) for those who have grants on the tables.
SELECT pg_catalog.format('GRANT USAGE ON SCHEMA %I TO %s', $2::text, CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(g.grantee)) END)
  FROM pg_catalog.pg_namespace AS n
 CROSS JOIN pg_catalog.aclexplode(n.nspacl) AS g
 WHERE n.nspname = $1 AND g.privilege_type = 'USAGE' AND g.grantee <> n.nspowner
 ORDER BY 1
