-- Every object of a database on a line of its own, as the server describes it.
WITH nsp AS (
  SELECT oid, nspname, nspowner, nspacl
    FROM pg_namespace
   WHERE nspname !~ '^(pg_|information_schema$|rung$)'
), rel AS (
  SELECT c.*, format('%I.%I', nspname, relname) AS full_name
    FROM pg_class AS c JOIN nsp ON nsp.oid = relnamespace
   WHERE relpersistence <> 't'
), lines AS (
  SELECT format('schema %s owner %s acl %s', nspname, nspowner::regrole, nspacl) AS line FROM nsp
  UNION ALL
  SELECT format('relation %s kind %s owner %s persistence %s options %s acl %s rls %s %s identity %s partition %s %s',
                full_name, relkind, relowner::regrole, relpersistence, reloptions,
                coalesce(relacl, acldefault(CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", relowner)), relrowsecurity, relforcerowsecurity, relreplident,
                pg_get_partkeydef(oid), pg_get_expr(relpartbound, oid))
    FROM rel
  UNION ALL
  SELECT format('column %s.%s number %s type %s not null %s identity %s generated %s default %s collation %s acl %s options %s storage %s',
                full_name, attname, row_number() OVER (PARTITION BY rel.oid ORDER BY attnum), format_type(atttypid, atttypmod), attnotnull, attidentity, attgenerated,
                pg_get_expr(adbin, adrelid), attcollation::regcollation, attacl, (SELECT array_agg(o) FROM unnest(attoptions) AS o WHERE o !~ '^pg_'), attstorage) -- pg_attver is the server's own
    FROM rel JOIN pg_attribute ON attrelid = rel.oid LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
   WHERE attnum > 0 AND NOT attisdropped AND relkind NOT IN ('i', 'I')
  UNION ALL
  SELECT format('constraint %s on %s %s validated %s', conname, coalesce(full_name, contypid::regtype::text), pg_get_constraintdef(pg_constraint.oid), convalidated)
    FROM pg_constraint LEFT JOIN rel ON rel.oid = conrelid
   WHERE connamespace IN (SELECT oid FROM nsp)
     -- The server names a foreign key's copy for a partition, and pg_dump leaves it out.
     AND NOT (contype = 'f' AND conparentid <> 0)
  UNION ALL
  SELECT format('index %s valid %s ready %s clustered %s replica %s', pg_get_indexdef(indexrelid), indisvalid, indisready, indisclustered, indisreplident)
    FROM pg_index JOIN rel ON rel.oid = indexrelid
  UNION ALL
  SELECT format('view %s %s', full_name, pg_get_viewdef(oid)) FROM rel WHERE relkind IN ('v', 'm')
  UNION ALL
  SELECT format('trigger %s enabled %s', pg_get_triggerdef(pg_trigger.oid), tgenabled)
    FROM pg_trigger JOIN rel ON rel.oid = tgrelid WHERE NOT tgisinternal
  UNION ALL
  SELECT format('policy %s on %s %s %s using %s check %s', polname, full_name, polcmd, polroles::regrole[], pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid))
    FROM pg_policy JOIN rel ON rel.oid = polrelid
  UNION ALL
  SELECT format('routine %s owner %s acl %s %s', pg_proc.oid::regprocedure, proowner::regrole, proacl, pg_get_functiondef(pg_proc.oid))
    FROM pg_proc WHERE pronamespace IN (SELECT oid FROM nsp) AND prokind <> 'a'
     AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = pg_proc.oid AND deptype = 'e')
  UNION ALL
  SELECT format('type %s kind %s owner %s base %s default %s labels %s', pg_type.oid::regtype, typtype, typowner::regrole, format_type(typbasetype, typtypmod), typdefault,
                (SELECT array_agg(enumlabel ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = pg_type.oid))
    FROM pg_type WHERE typnamespace IN (SELECT oid FROM nsp)
  UNION ALL
  SELECT format('sequence %I.%I type %s start %s min %s max %s by %s cycle %s cache %s last %s', schemaname, sequencename, data_type, start_value, min_value, max_value,
                increment_by, cycle, cache_size, last_value)
    FROM pg_sequences WHERE schemaname IN (SELECT nspname FROM nsp)
  UNION ALL
  SELECT format('aggregate %s %s', aggfnoid::regprocedure, to_jsonb(a) - 'aggfnoid')
    FROM pg_aggregate AS a JOIN pg_proc AS p ON p.oid = aggfnoid WHERE pronamespace IN (SELECT oid FROM nsp)
  UNION ALL
  SELECT format('rule %s enabled %s', pg_get_ruledef(r.oid), ev_enabled)
    FROM pg_rewrite AS r JOIN rel ON rel.oid = ev_class WHERE rulename <> '_RETURN'
  UNION ALL
  SELECT format('publication %s %s', pubname, to_jsonb(p) - '{oid,pubname,pubowner}'::text[]) FROM pg_publication AS p
  UNION ALL
  SELECT format('publication %s of %s (%s)', pubname, prrelid::regclass, (SELECT string_agg(attname, ', ' ORDER BY attnum) FROM pg_attribute
                 WHERE attrelid = prrelid AND to_jsonb(attnum) <@ (to_jsonb(pr) -> 'prattrs')))
    FROM pg_publication_rel AS pr JOIN pg_publication AS p ON p.oid = prpubid
  UNION ALL
  SELECT format('event trigger %s on %s for %s does %s enabled %s', evtname, evtevent, evttags, evtfoid::regprocedure, evtenabled) FROM pg_event_trigger
  UNION ALL
  SELECT format('statistics %s', pg_get_statisticsobjdef(oid)) FROM pg_statistic_ext WHERE stxnamespace IN (SELECT oid FROM nsp)
  UNION ALL
  SELECT format('extension %s %s in %s', extname, extversion, extnamespace::regnamespace) FROM pg_extension
  UNION ALL
  SELECT format('comment on %s %s: %s', type, identity, description)
    FROM pg_description, pg_identify_object(classoid, objoid, objsubid)
   WHERE (schema IN (SELECT nspname FROM nsp) OR type = 'schema' AND identity IN (SELECT quote_ident(nspname) FROM nsp))
  UNION ALL
  SELECT format('default acl %s %s %s %s', defaclrole::regrole, defaclnamespace::regnamespace, defaclobjtype, defaclacl) FROM pg_default_acl
  UNION ALL
  SELECT format('large object %s owner %s', oid, lomowner::regrole) FROM pg_largeobject_metadata
)
SELECT line FROM lines ORDER BY line COLLATE "C"
