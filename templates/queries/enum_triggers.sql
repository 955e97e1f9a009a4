-- Triggers ($1) that a person made, but for the copies that partitions have.
SELECT t.oid, t.tgrelid, pg_catalog.format('%I.%I', n.nspname, c.relname), pg_catalog.quote_ident(t.tgname),
       pg_catalog.pg_get_triggerdef(t.oid, true), t.tgenabled, coalesce(pg_catalog.obj_description(t.oid, 'pg_trigger'), '')
  FROM pg_catalog.pg_trigger AS t
  JOIN pg_catalog.pg_class AS c ON c.oid = t.tgrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 WHERE t.oid = ANY ($1)
   AND NOT t.tgisinternal
   AND t.tgparentid = 0
 ORDER BY 3, 4
