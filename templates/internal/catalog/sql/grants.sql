-- What relations ($1), their columns and a type ($2) grant beyond what a new one
-- does, and what they do not grant though a new one would.
WITH object (oid, sub, columns, name, acl, base, owner) AS (
    SELECT c.oid, 0, '', pg_catalog.format('%I.%I', n.nspname, c.relname), coalesce(c.relacl, d.acl), CASE WHEN u.usual THEN d.acl END, c.relowner
      FROM pg_catalog.pg_class AS c
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
     CROSS JOIN LATERAL pg_catalog.acldefault('r', c.relowner) AS d (acl)
     -- a role may have taken rights of its own from what it makes
     CROSS JOIN (SELECT NOT EXISTS (SELECT FROM pg_catalog.pg_default_acl WHERE defaclobjtype = 'r' AND defaclnamespace = 0 AND NOT defaclacl @> pg_catalog.acldefault('r', defaclrole))) AS u (usual)
     WHERE c.oid = ANY ($1)
     UNION ALL
    SELECT c.oid, a.attnum, pg_catalog.format(' (%I)', a.attname), pg_catalog.format('%I.%I', n.nspname, c.relname), a.attacl, NULL, c.relowner
      FROM pg_catalog.pg_attribute AS a
      JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
     WHERE c.oid = ANY ($1)
       AND a.attnum > 0
       AND a.attacl IS NOT NULL
     UNION ALL
    SELECT t.oid, 0, '', pg_catalog.format('TYPE %I.%I', n.nspname, t.typname),
           coalesce(t.typacl, d.acl), CASE WHEN u.usual THEN d.acl END, t.typowner
      FROM pg_catalog.pg_type AS t
      JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
     CROSS JOIN LATERAL pg_catalog.acldefault('T', t.typowner) AS d (acl)
     -- where there are defaults, all is revoked first
     CROSS JOIN (SELECT NOT EXISTS (SELECT FROM pg_catalog.pg_default_acl WHERE defaclobjtype = 'T')) AS u (usual)
     WHERE t.oid = $2
),
given AS (
    SELECT o.oid, o.sub, e.grantee, e.privilege_type, e.is_grantable, e.grantor <> o.owner AS foreign_grant
      FROM object AS o
     CROSS JOIN pg_catalog.aclexplode(o.acl) AS e
),
usual AS (
    SELECT o.oid, o.sub, e.grantee, e.privilege_type, e.is_grantable
      FROM object AS o
     CROSS JOIN pg_catalog.aclexplode(o.base) AS e
     WHERE o.acl IS NOT NULL
),
word (oid, sub, first, verb, grantee, privilege_type, is_grantable, foreign_grant) AS (
    SELECT oid, sub, 0, 'REVOKE', grantee, privilege_type, false, false
      FROM usual AS u
     WHERE NOT EXISTS (SELECT FROM given AS g WHERE (g.oid, g.sub, g.grantee, g.privilege_type) = (u.oid, u.sub, u.grantee, u.privilege_type))
     UNION ALL
    SELECT oid, sub, 1, 'GRANT', grantee, privilege_type, is_grantable, foreign_grant
      FROM given AS g
     WHERE NOT EXISTS (SELECT FROM usual AS u WHERE (g.oid, g.sub, g.grantee, g.privilege_type, g.is_grantable) = (u.oid, u.sub, u.grantee, u.privilege_type, u.is_grantable))
)
SELECT o.oid, o.sub,
       w.verb || ' ' || string_agg(w.privilege_type || o.columns, ', ' ORDER BY w.privilege_type) || ' ON ' || o.name
       || CASE w.first WHEN 0 THEN ' FROM ' ELSE ' TO ' END
       || CASE w.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(w.grantee)) END
       || CASE WHEN w.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END,
       w.foreign_grant, o.name
  FROM word AS w
  JOIN object AS o USING (oid, sub)
 GROUP BY o.oid, o.sub, o.name, w.verb, w.first, w.grantee, w.is_grantable, w.foreign_grant
 ORDER BY o.oid, o.sub, w.first, w.grantee, w.is_grantable
