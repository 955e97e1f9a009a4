-- What else a new type must have of the old one ($1), and what prevents it.
SELECT pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(t.typowner)), t.typowner::regrole <> current_user::regrole,
       coalesce(pg_catalog.obj_description(t.oid, 'pg_type'), ''),
       EXISTS (SELECT FROM pg_catalog.pg_depend AS d WHERE d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e'),
       ARRAY(SELECT o.typname::text
               FROM pg_catalog.pg_type AS o
              WHERE o.typnamespace = t.typnamespace)
  FROM pg_catalog.pg_type AS t
 WHERE t.oid = $1
