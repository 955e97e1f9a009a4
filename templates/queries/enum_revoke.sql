-- Who gets rights on new relations by default: one that comes back has its own.
SELECT DISTINCT CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(x.grantee)) END
  FROM pg_catalog.pg_default_acl AS d
 CROSS JOIN pg_catalog.aclexplode(d.defaclacl) AS x
 WHERE d.defaclobjtype = 'r'
   AND x.grantee <> d.defaclrole
 ORDER BY 1
