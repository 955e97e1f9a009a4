-- The enum type of a name that a person typed, and whether this role may alter it.
SELECT t.oid, t.typarray, n.nspname, t.typname, t.typtype,
       pg_catalog.pg_has_role(t.typowner, 'USAGE'), pg_catalog.pg_get_userbyid(t.typowner),
       ARRAY(SELECT e.enumlabel::text
               FROM pg_catalog.pg_enum AS e
              WHERE e.enumtypid = t.oid
              ORDER BY e.enumsortorder)
  FROM pg_catalog.pg_type AS t
  JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
 WHERE t.oid = $1
