-- Who gets rights on new relations and types by default, or would if it were not
-- for the default: what comes back has its own.
SELECT DISTINCT CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(x.grantee)) END,
       d.defaclobjtype = 'T'
  FROM pg_catalog.pg_default_acl AS d
 CROSS JOIN LATERAL (SELECT grantee
                       FROM pg_catalog.aclexplode(d.defaclacl)
                      UNION
                     SELECT 0
                      WHERE d.defaclobjtype = 'T') AS x
 WHERE d.defaclobjtype IN ('r', 'T')
   AND x.grantee <> d.defaclrole
 ORDER BY 2, 1
