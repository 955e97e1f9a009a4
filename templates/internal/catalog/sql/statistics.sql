-- Extended statistics ($1). ALTER TABLE rebuilds those over plain columns itself,
-- but forgets their owner and target.
SELECT s.oid, pg_catalog.format('%I.%I', n.nspname, s.stxname), pg_catalog.pg_get_statisticsobjdef(s.oid),
       pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(s.stxowner)), s.stxowner::regrole <> current_user::regrole,
       coalesce(s.stxstattarget, -1), coalesce(pg_catalog.obj_description(s.oid, 'pg_statistic_ext'), ''), s.stxrelid
  FROM pg_catalog.pg_statistic_ext AS s
  JOIN pg_catalog.pg_namespace AS n ON n.oid = s.stxnamespace
 WHERE s.oid = ANY ($1)
 ORDER BY 2
