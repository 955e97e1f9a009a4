-- Relations, by their names in full ($1) or numbers ($2), that this role may not alter,
-- each with its owner.
SELECT pg_catalog.format('%I.%I (its owner is %s)', n.nspname, c.relname, pg_catalog.pg_get_userbyid(c.relowner))
  FROM pg_catalog.pg_class AS c
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 WHERE (pg_catalog.format('%I.%I', n.nspname, c.relname) = ANY ($1) OR c.oid = ANY ($2))
   AND NOT pg_catalog.pg_has_role(c.relowner, 'USAGE')
 ORDER BY 1
